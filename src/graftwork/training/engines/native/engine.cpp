// One training step of a model, as a flat program over rows of numbers.
//
// A program is made once for each model (see program.py): values, each a matrix (rows, width) with a gradient
// of its own where one is needed, and operations that compute one value of others. `forward` runs the
// operations in order, `backward` in reverse order, and Adam changes each parameter as soon as its gradient is
// known, while that is still in the cache. Elementwise functions are Eigen's, matrix products those of
// products.hpp. Nothing is allocated between steps but what these pack their operands into.

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <exception>
#include <vector>

#include <unsupported/Eigen/SpecialFunctions>

#include "products.hpp"

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#ifndef GRAFTWORK_REAL  // the build for float64 says double; see builds.py
#define GRAFTWORK_REAL float
#endif

namespace {

using Real = GRAFTWORK_REAL;  // of values, weights and gradients; losses are summed in double

using Products = graftwork::Products<Real>;
using RowMajor = Products::RowMajor;
using Matrix = Products::Matrix;
using Vector = Eigen::Map<Eigen::Array<Real, Eigen::Dynamic, 1>>;
using RowVector = Eigen::Map<Eigen::Matrix<Real, 1, Eigen::Dynamic>>;
using Strided = Eigen::Map<RowMajor, 0, Eigen::OuterStride<>>;

// Denormal numbers are flushed to zero within a call, as they are elsewhere in a worker.
class FlushDenormals {
#if defined(__SSE__)
 public:
  FlushDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8040); }
  ~FlushDenormals() { _mm_setcsr(before_); }

 private:
  unsigned before_;
#endif
};

// The numbers of these two are those of program.py.
enum Kind : int32_t {
  kGather,     // out: rows of a source                        extra: source
  kLinear,     // out (+)= first @ weight.T (+ bias)           parameters: weight, bias or -1
  kLookUp,     // out (+)= columns of weight by codes (+ bias) parameters: weight, bias or -1
  kActivate,   // out = f(first)                               extra: function
  kNormalise,  // out = layer norm of first                    parameters: scale, shift; extra: scratch
  kDrop,       // out = first * mask                           extra: mask
  kAdd,        // out = first + second
  kPool,       // out = means of first over equal stretches
  kLatent,     // out = latent drawn of first                  extra: noise; loss: KL
  kOutput,     // out (+)= gain * first[:, :width]             parameters: gain; extra: kind of the loss
  kSquares,    // out becomes its difference from a target     extra: source; loss
  kEntropy,    // out becomes probabilities less the target    extra: source; loss
};

enum Function : int32_t {
  kRelu, kElu, kSoftplus, kSoftsign, kSigmoid, kTanh, kSoftmax, kGelu, kSilu,
};

// What backward does with the gradient of an operand.
enum Flow : int32_t { kNone, kWrite, kAccumulate };

struct Operation {
  int32_t kind, out, first, second, weight, bias, extra, loss, accumulate, flow_first, flow_second;
};

struct Parameter {
  int64_t offset, rows, columns, trainable;
};

struct Value {
  int64_t width;
  Real *data, *gradient;
};

constexpr Real kZero = 0, kHalf = Real(0.5);
constexpr Real kLogVarianceLimit = 8, kNormEpsilon = Real(1e-5);
constexpr Real kBeta1 = Real(0.9), kBeta2 = Real(0.999), kAdamEpsilon = Real(1e-8);
// PyTorch takes softplus for linear beyond this. Float32 cannot tell the two apart, float64 can.
constexpr Real kSoftplusLinear = 20;
constexpr bool kSoftplusTold = sizeof(Real) > sizeof(float);
constexpr int64_t kAlignment = 16;

int64_t padded(int64_t count) { return (count + kAlignment - 1) / kAlignment * kAlignment; }

struct Step {
  Real scale, size;  // Adam: root of the second bias correction, learning rate over the first one
  bool update;
};

class Engine {
 public:
  Engine(const int32_t *widths, const uint8_t *differentiable, int64_t values, const Operation *operations,
         int64_t count, const Parameter *parameters, int64_t parameter_count, int64_t capacity, int64_t size,
         Real *weights, Real *moments, Real *gradients, Products products)
      : products_(products), capacity_(capacity), size_(size), operations_(operations, operations + count),
        parameters_(parameters, parameters + parameter_count), weights_(weights), moments_(moments),
        gradients_(gradients) {
    int64_t total = 0;
    for (int64_t i = 0; i < values; ++i)
      total += padded(capacity * widths[i]) * (differentiable[i] ? 2 : 1);
    arena_.resize(total);
    Real *next = arena_.data();
    for (int64_t i = 0; i < values; ++i) {
      const int64_t size = padded(capacity * widths[i]);
      values_.push_back({widths[i], next, differentiable[i] ? next + size : nullptr});
      next += size * (differentiable[i] ? 2 : 1);
    }
    int64_t largest = 0;
    for (const Parameter &p : parameters_) {
      largest = std::max(largest, int64_t(p.rows) * p.columns);
    }
    scratch_.resize(largest);
    norms_.resize(operations_.size() * 2 * capacity);
  }

  int64_t capacity() const { return capacity_; }

  void forward(const void *const *sources, const int64_t *rows, int64_t first, int64_t count,
               const Real *const *noises, const Real *const *masks, const Real *const *row_weights, double *sums,
               int64_t *present) {
    const auto one = products_.one_thread();
    rows_ = count;
    picked_ = rows;
    start_ = first;
    noises_ = noises;
    masks_ = masks;
    row_weights_ = row_weights;
    for (size_t i = 0; i < operations_.size(); ++i) run(operations_[i], i, sources, sums, present);
  }

  void backward(const double *weights, const int64_t *present, const Step &step) {
    const auto one = products_.one_thread();
    loss_weights_ = weights;
    present_ = present;
    step_ = step;
    for (size_t i = operations_.size(); i-- > 0;) reverse(operations_[i], i);
  }

 private:
  Matrix matrix(int32_t value) { return Matrix(values_[value].data, rows_, values_[value].width); }
  Matrix gradient(int32_t value) { return Matrix(values_[value].gradient, rows_, values_[value].width); }
  Vector flat(int32_t value) { return Vector(values_[value].data, rows_ * values_[value].width); }
  Vector flat_gradient(int32_t value) {
    return Vector(values_[value].gradient, rows_ * values_[value].width);
  }
  Matrix weight(int32_t parameter) {
    const Parameter &p = parameters_[parameter];
    return Matrix(weights_ + p.offset, p.rows, p.columns);
  }
  bool trains(int32_t parameter) const { return parameter >= 0 && parameters_[parameter].trainable; }

  // Where the gradient of a parameter goes: kept, or into scratch that Adam reads at once.
  Matrix gradient_of(int32_t parameter) {
    const Parameter &p = parameters_[parameter];
    return Matrix(step_.update ? scratch_.data() : gradients_ + p.offset, p.rows, p.columns);
  }

  template <typename Expression>
  void flow(int32_t rule, Vector target, const Expression &value) {
    if (rule == kWrite) target = value;
    if (rule == kAccumulate) target += value;
  }

  int64_t row(int64_t i) const { return picked_ ? picked_[i] : start_ + i; }

  // Weights of all rows in a loss; null where they count alike.
  const Real *weights_of_rows(const Operation &o) const { return row_weights_ ? row_weights_[o.loss] : nullptr; }

  void run(const Operation &o, size_t index, const void *const *sources, double *sums, int64_t *present) {
    switch (o.kind) {
      case kGather: {
        const int64_t width = values_[o.out].width;
        const Real *source = static_cast<const Real *>(sources[o.extra]);
        for (int64_t i = 0; i < rows_; ++i)
          std::memcpy(values_[o.out].data + i * width, source + row(i) * width, width * sizeof(Real));
        break;
      }
      case kLinear: {
        Matrix out = matrix(o.out);
        begin(o, out);
        products_.forward(out, matrix(o.first), weight(o.weight));
        break;
      }
      case kLookUp: {
        Matrix out = matrix(o.out);
        begin(o, out);
        for (int64_t i = 0; i < rows_; ++i) {
          const int64_t code = known(o, i);
          if (code >= 0) out.row(i) += weight(o.weight).col(code).transpose();
        }
        break;
      }
      case kActivate: activate(o); break;
      case kNormalise: {
        const int64_t width = values_[o.out].width;
        Real *norm = norms_.data() + index * 2 * capacity_;
        const auto scale = weight(o.weight).transpose().array().eval();
        const auto shift = weight(o.bias).transpose().array().eval();
        Matrix x = matrix(o.first), out = matrix(o.out);
        for (int64_t i = 0; i < rows_; ++i) {
          const Real mean = x.row(i).mean();
          const Real variance = (x.row(i).array() - mean).square().sum() / Real(width);
          const Real inverse = 1 / std::sqrt(variance + kNormEpsilon);
          norm[2 * i] = mean;
          norm[2 * i + 1] = inverse;
          out.row(i).array() = (x.row(i).array() - mean) * inverse * scale + shift;
        }
        break;
      }
      case kDrop:
        if (masks_) {
          flat(o.out) = flat(o.first) * Vector(const_cast<Real *>(masks_[o.extra]), flat(o.out).size());
        } else {
          flat(o.out) = flat(o.first);
        }
        break;
      case kAdd: flat(o.out) = flat(o.first) + flat(o.second); break;
      case kPool: {
        const int64_t width = values_[o.out].width, stretch = values_[o.first].width / width;
        Matrix x(values_[o.first].data, rows_ * width, stretch);
        flat(o.out) = x.rowwise().mean().array();
        break;
      }
      case kLatent: latent(o, sums, present); break;
      case kOutput: {
        Strided x(values_[o.first].data, rows_, values_[o.out].width,
                  Eigen::OuterStride<>(values_[o.first].width));
        const Real gain = weight(o.weight)(0, 0);
        if (o.accumulate) matrix(o.out) += gain * x;
        else matrix(o.out) = gain * x;
        break;
      }
      case kSquares: squares(o, static_cast<const Real *>(sources[o.extra]), sums, present); break;
      case kEntropy: entropy(o, static_cast<const int64_t *>(sources[o.extra]), sums, present); break;
    }
  }

  void begin(const Operation &o, Matrix &out) {
    if (o.bias >= 0) {
      const Real *bias = weights_ + parameters_[o.bias].offset;
      for (int64_t i = 0; i < rows_; ++i)
        std::memcpy(out.data() + i * out.cols(), bias, out.cols() * sizeof(Real));
    } else if (!o.accumulate) {
      out.setZero();
    }
  }

  int64_t known(const Operation &o, int64_t i) {
    const Real code = values_[o.first].data[i * values_[o.first].width];
    return code >= 0 && code < Real(parameters_[o.weight].columns) ? int64_t(code) : -1;
  }

  void activate(const Operation &o) {
    Vector x = flat(o.first), y = flat(o.out);
    switch (o.extra) {
      case kRelu: y = x.max(kZero); break;
      case kElu: y = (x > 0).select(x, x.min(kZero).expm1()); break;
      case kSoftplus:
        y = x.max(kZero) + (-x.abs()).exp().log1p();
        if constexpr (kSoftplusTold) y = (x > kSoftplusLinear).select(x, y);
        break;
      case kSoftsign: y = x / (1 + x.abs()); break;
      case kSigmoid: y = 1 / (1 + (-x).exp()); break;
      case kTanh: y = x.tanh(); break;
      case kSoftmax: {
        Matrix a = matrix(o.first), b = matrix(o.out);
        for (int64_t i = 0; i < rows_; ++i) {
          b.row(i).array() = (a.row(i).array() - a.row(i).maxCoeff()).exp();
          b.row(i) *= 1 / b.row(i).sum();
        }
        break;
      }
      case kGelu: y = kHalf * x * (1 + (x * Real(M_SQRT1_2)).erf()); break;
      case kSilu: y = x / (1 + (-x).exp()); break;
    }
  }

  void latent(const Operation &o, double *sums, int64_t *present) {
    const int64_t width = values_[o.out].width;
    const Real *counts = weights_of_rows(o);
    double divergence = 0;
    for (int64_t i = 0; i < rows_; ++i) {
      Real *posterior = values_[o.first].data + i * 2 * width;
      Vector mean(posterior, width), z(values_[o.out].data + i * width, width);
      // Kept in place: backward reads the bounded log-variance.
      Vector bounded(posterior + width, width);
      bounded = kLogVarianceLimit * (bounded / kLogVarianceLimit).tanh();
      const double apart = 0.5 * double((bounded.exp() + mean.square() - 1 - bounded).sum());
      divergence += counts ? double(counts[row(i)]) * apart : apart;
      if (noises_) {
        Vector noise(const_cast<Real *>(noises_[o.extra]) + i * width, width);
        z = mean + noise * (kHalf * bounded).exp();
      } else {
        z = mean;
      }
    }
    sums[o.loss] += divergence;
    present[o.loss] += rows_;
  }

  void squares(const Operation &o, const Real *target, double *sums, int64_t *present) {
    const int64_t width = values_[o.out].width;
    const Real *counts = weights_of_rows(o);
    for (int64_t i = 0; i < rows_; ++i) {
      Vector out(values_[o.out].data + i * width, width);
      Vector wanted(const_cast<Real *>(target) + row(i) * width, width);
      out -= wanted;
      const Real sum = out.square().sum();
      // A target that is missing is NaN, and so is the sum then; only a NaN is worth a closer look.
      if (std::isnan(sum) && wanted.isNaN().any()) {
        out.setZero();
        continue;
      }
      const double loss = double(sum) / double(width);
      present[o.loss] += 1;
      if (counts) {
        sums[o.loss] += double(counts[row(i)]) * loss;
        out *= counts[row(i)];
      } else {
        sums[o.loss] += loss;
      }
    }
  }

  void entropy(const Operation &o, const int64_t *target, double *sums, int64_t *present) {
    const int64_t width = values_[o.out].width;
    const Real *counts = weights_of_rows(o);
    for (int64_t i = 0; i < rows_; ++i) {
      Vector out(values_[o.out].data + i * width, width);
      const int64_t code = target[row(i)];
      if (code < 0) {
        out.setZero();
        continue;
      }
      const Real top = out.maxCoeff(), logit = out[code];
      out = (out - top).exp();
      const Real sum = out.sum();
      const double loss = double(std::log(sum) + top - logit);
      present[o.loss] += 1;
      out *= 1 / sum;
      out[code] -= 1;
      if (counts) {
        sums[o.loss] += double(counts[row(i)]) * loss;
        out *= counts[row(i)];
      } else {
        sums[o.loss] += loss;
      }
    }
  }

  void reverse(const Operation &o, size_t index) {
    if (o.kind == kOutput) return output_reverse(o);
    if (!values_[o.out].gradient) return;
    switch (o.kind) {
      case kLinear: {
        Matrix dout = gradient(o.out);
        if (o.flow_first)
          products_.inputs(gradient(o.first), dout, weight(o.weight), o.flow_first == kAccumulate);
        if (trains(o.weight)) {
          products_.weights(gradient_of(o.weight), dout, matrix(o.first));
          adapt(o.weight);
        }
        bias(o, dout);
        break;
      }
      case kLookUp: {
        Matrix dout = gradient(o.out);
        if (trains(o.weight)) {
          Matrix dweight = gradient_of(o.weight);
          dweight.setZero();
          for (int64_t i = 0; i < rows_; ++i) {
            const int64_t code = known(o, i);
            if (code >= 0) dweight.col(code) += dout.row(i).transpose();
          }
          adapt(o.weight);
        }
        bias(o, dout);
        break;
      }
      case kActivate:
        if (o.flow_first) activate_reverse(o);
        break;
      case kNormalise: normalise_reverse(o, index); break;
      case kDrop:
        if (masks_)
          flow(o.flow_first, flat_gradient(o.first),
               flat_gradient(o.out) * Vector(const_cast<Real *>(masks_[o.extra]), flat(o.out).size()));
        else
          flow(o.flow_first, flat_gradient(o.first), flat_gradient(o.out));
        break;
      case kAdd:
        flow(o.flow_first, flat_gradient(o.first), flat_gradient(o.out));
        flow(o.flow_second, flat_gradient(o.second), flat_gradient(o.out));
        break;
      case kPool: {
        if (!o.flow_first) break;
        const int64_t width = values_[o.out].width, stretch = values_[o.first].width / width;
        Matrix dx(values_[o.first].gradient, rows_ * width, stretch);
        const auto share = (flat_gradient(o.out) / Real(stretch)).matrix();
        if (o.flow_first == kWrite) dx = share.replicate(1, stretch);
        else dx += share.replicate(1, stretch);
        break;
      }
      case kLatent: latent_reverse(o); break;
      default: break;
    }
  }

  void bias(const Operation &o, const Matrix &dout) {
    if (!trains(o.bias)) return;
    const Parameter &p = parameters_[o.bias];
    RowVector(gradient_of(o.bias).data(), int64_t(p.rows) * p.columns) = dout.colwise().sum();
    adapt(o.bias);
  }

  void activate_reverse(const Operation &o) {
    Vector x = flat(o.first), y = flat(o.out), dx = flat_gradient(o.first), dy = flat_gradient(o.out);
    switch (o.extra) {
      case kRelu: flow(o.flow_first, dx, (y > 0).select(dy, kZero)); break;
      case kElu: flow(o.flow_first, dx, (x > 0).select(dy, dy * (y + 1))); break;
      case kSoftplus: {
        const auto change = dy / (1 + (-x).exp());
        if constexpr (kSoftplusTold) flow(o.flow_first, dx, (x > kSoftplusLinear).select(dy, change));
        else flow(o.flow_first, dx, change);
        break;
      }
      case kSoftsign: flow(o.flow_first, dx, dy / (1 + x.abs()).square()); break;
      case kSigmoid: flow(o.flow_first, dx, dy * y * (1 - y)); break;
      case kTanh: flow(o.flow_first, dx, dy * (1 - y.square())); break;
      case kSoftmax: {
        Matrix b = matrix(o.out), db = gradient(o.out), da = gradient(o.first);
        for (int64_t i = 0; i < rows_; ++i) {
          const Real mean = b.row(i).dot(db.row(i));
          const auto change = b.row(i).array() * (db.row(i).array() - mean);
          if (o.flow_first == kWrite) da.row(i).array() = change;
          else da.row(i).array() += change;
        }
        break;
      }
      case kGelu: {
        const Real density = Real(M_2_SQRTPI * M_SQRT1_2 * 0.5);
        flow(o.flow_first, dx,
             dy * (kHalf * (1 + (x * Real(M_SQRT1_2)).erf()) + x * density * (-kHalf * x.square()).exp()));
        break;
      }
      case kSilu: {
        const auto gate = (1 / (1 + (-x).exp()));
        flow(o.flow_first, dx, dy * gate * (1 + x - y));
        break;
      }
    }
  }

  void normalise_reverse(const Operation &o, size_t index) {
    const int64_t width = values_[o.out].width;
    const Real *norm = norms_.data() + index * 2 * capacity_;
    Matrix x = matrix(o.first), dout = gradient(o.out);
    const Eigen::Array<Real, 1, Eigen::Dynamic> scale = weight(o.weight).transpose().array();
    Eigen::Array<Real, 1, Eigen::Dynamic> dscale = Eigen::Array<Real, 1, Eigen::Dynamic>::Zero(width);
    Eigen::Array<Real, 1, Eigen::Dynamic> normal(width), inner(width);
    for (int64_t i = 0; i < rows_; ++i) {
      normal = (x.row(i).array() - norm[2 * i]) * norm[2 * i + 1];
      dscale += dout.row(i).array() * normal;
      if (!o.flow_first) continue;
      inner = dout.row(i).array() * scale;
      inner = norm[2 * i + 1] * (inner - inner.mean() - normal * (inner * normal).mean());
      Matrix dx = gradient(o.first);
      if (o.flow_first == kWrite) dx.row(i).array() = inner;
      else dx.row(i).array() += inner;
    }
    if (trains(o.weight)) {
      RowVector(gradient_of(o.weight).data(), width) = dscale.matrix();
      adapt(o.weight);
    }
    bias(o, dout);
  }

  void latent_reverse(const Operation &o) {
    if (!o.flow_first) return;
    const int64_t width = values_[o.out].width;
    const Real whole = Real(loss_weights_[o.loss] / double(rows_));
    const Real *counts = weights_of_rows(o);
    Eigen::Array<Real, Eigen::Dynamic, 1> spread(width), slope(width);
    for (int64_t i = 0; i < rows_; ++i) {
      const Real *posterior = values_[o.first].data + i * 2 * width;
      Vector mean(const_cast<Real *>(posterior), width), dz(values_[o.out].gradient + i * width, width);
      Vector bounded(const_cast<Real *>(posterior) + width, width);
      Real *target = values_[o.first].gradient + i * 2 * width;
      Vector dmean(target, width), dvariance(target + width, width);
      const Real beta = counts ? whole * counts[row(i)] : whole;
      flow(o.flow_first, dmean, dz + beta * mean);
      slope = beta * kHalf * (bounded.exp() - 1);
      if (noises_) {
        Vector noise(const_cast<Real *>(noises_[o.extra]) + i * width, width);
        slope += dz * noise * kHalf * (kHalf * bounded).exp();
      }
      flow(o.flow_first, dvariance, slope * (1 - (bounded / kLogVarianceLimit).square()));
    }
  }

  // An output holds its unscaled gradient where its numbers were; see kSquares and kEntropy.
  void output_reverse(const Operation &o) {
    const int64_t width = values_[o.out].width, stride = values_[o.first].width;
    const double slope = o.extra == kSquares ? 2.0 / double(width) : 1.0;
    const Real scale = Real(slope * loss_weights_[o.loss] / double(std::max<int64_t>(present_[o.loss], 1)));
    const Real gain = weight(o.weight)(0, 0);
    Matrix dout = matrix(o.out);
    if (o.flow_first) {
      Strided dx(values_[o.first].gradient, rows_, width, Eigen::OuterStride<>(stride));
      if (o.flow_first == kAccumulate) {
        dx += (gain * scale) * dout;
      } else {
        if (stride > width) gradient(o.first).setZero();
        dx = (gain * scale) * dout;
      }
    }
    if (trains(o.weight)) {
      Strided x(values_[o.first].data, rows_, width, Eigen::OuterStride<>(stride));
      double sum = 0;
      for (int64_t i = 0; i < rows_; ++i) sum += double(x.row(i).dot(dout.row(i)));
      gradient_of(o.weight)(0, 0) = scale * Real(sum);
      adapt(o.weight);
    }
  }

  // Adam (Kingma and Ba, 2015), in the order of operations of torch.optim.Adam.
  void adapt(int32_t parameter) {
    if (!step_.update) return;
    const Parameter &p = parameters_[parameter];
    const int64_t count = int64_t(p.rows) * p.columns;
    const Real *gradient = scratch_.data();
    Real *weight = weights_ + p.offset;
    Real *mean = moments_ + p.offset, *square = moments_ + size_ + p.offset;
    const Real scale = step_.scale, size = step_.size;
    for (int64_t i = 0; i < count; ++i) {
      const Real g = gradient[i];
      const Real m = mean[i] + (1 - kBeta1) * (g - mean[i]);
      const Real v = kBeta2 * square[i] + (1 - kBeta2) * g * g;
      mean[i] = m;
      square[i] = v;
      weight[i] -= size * m / (std::sqrt(v) * scale + kAdamEpsilon);
    }
  }

  Products products_;
  int64_t capacity_, size_, rows_ = 0, start_ = 0;
  std::vector<Operation> operations_;
  std::vector<Parameter> parameters_;
  std::vector<Value> values_;
  Real *weights_, *moments_, *gradients_;
  std::vector<Real, Eigen::aligned_allocator<Real>> arena_, scratch_;
  std::vector<Real> norms_;
  const int64_t *picked_ = nullptr, *present_ = nullptr;
  const Real *const *noises_ = nullptr;
  const Real *const *masks_ = nullptr;
  const Real *const *row_weights_ = nullptr;
  const double *loss_weights_ = nullptr;
  Step step_{};
};

}  // namespace

extern "C" {

// `gemm` and `limit` are functions of a BLAS, or null; see products.hpp.
void *graftwork_create(const int32_t *widths, const uint8_t *differentiable, int64_t values,
                       const Operation *operations, int64_t count, const Parameter *parameters,
                       int64_t parameter_count, int64_t capacity, int64_t size, Real *weights,
                       Real *moments, Real *gradients, graftwork::Gemm<Real> gemm, graftwork::ThreadLimit limit) {
  try {
    return new Engine(widths, differentiable, values, operations, count, parameters, parameter_count, capacity,
                      size, weights, moments, gradients, Products(gemm, limit));
  } catch (const std::exception &) {
    return nullptr;
  }
}

void graftwork_destroy(void *engine) { delete static_cast<Engine *>(engine); }

// Whether the processor is one of Intel's.
int32_t graftwork_on_intel() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_is("intel") ? 1 : 0;
#else
  return 0;
#endif
}

// Adds the sum and the number of terms of each loss. `rows` may be null: then `count` rows from `first` on.
// `row_weights` may be null, and each of it: weights by which the loss of each row is multiplied, by the loss.
// Backward reads rows and weights again.
void graftwork_forward_weighted(void *engine, const void *const *sources, const int64_t *rows, int64_t first,
                                int64_t count, const Real *const *noises, const Real *const *masks,
                                const Real *const *row_weights, double *sums, int64_t *present) {
  const FlushDenormals flush;
  static_cast<Engine *>(engine)->forward(sources, rows, first, count, noises, masks, row_weights, sums, present);
}

// Follows a forward pass over one batch. `step` counts from 1; 0 keeps gradients and changes no weight.
void graftwork_backward(void *engine, const double *weights, const int64_t *present, double learning_rate,
                        int64_t step) {
  const FlushDenormals flush;
  const double first = 1.0 - std::pow(double(kBeta1), double(step));
  const double second = 1.0 - std::pow(double(kBeta2), double(step));
  const Step adam{Real(step ? 1.0 / std::sqrt(second) : 0.0), Real(step ? learning_rate / first : 0.0),
                  step > 0};
  static_cast<Engine *>(engine)->backward(weights, present, adam);
}
}
