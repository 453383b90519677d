// The matrix products of a layer, forward and backward, over rows of numbers: all that an engine multiplies.
//
// They are Eigen's, unless a BLAS is handed over; which one is faster depends on the processor (see library.py).

#pragma once

#include <Eigen/Core>
#include <cstdint>

namespace graftwork {

// General product of a BLAS with 64-bit numbers of rows and columns, in the manner of Fortran.
template <typename Real>
using Gemm = void (*)(const char *, const char *, const int64_t *, const int64_t *, const int64_t *, const Real *,
                      const Real *, const int64_t *, const Real *, const int64_t *, const Real *, Real *,
                      const int64_t *);

// How many threads the BLAS may take within the calling thread; answers with how many it might before.
using ThreadLimit = int (*)(int);

// One thread for the BLAS, as long as this lives.
class OneThread {
 public:
  explicit OneThread(ThreadLimit limit) : limit_(limit), before_(limit ? limit(1) : 0) {}
  ~OneThread() {
    if (limit_) limit_(before_);
  }
  OneThread(const OneThread &) = delete;
  OneThread &operator=(const OneThread &) = delete;

 private:
  ThreadLimit limit_;
  int before_;
};

template <typename Real>
class Products {
 public:
  using RowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using Matrix = Eigen::Map<RowMajor>;

  // Both may be null: then the products are Eigen's.
  Products(Gemm<Real> gemm, ThreadLimit limit) : gemm_(gemm), limit_(limit) {}

  // To be held while products are made.
  OneThread one_thread() const { return OneThread(limit_); }

  // out += x @ weight.T
  void forward(Matrix out, const Matrix &x, const Matrix &weight) const {
    if (suits(out, x)) multiply(out, x, false, weight, true, 1);
    else out.noalias() += x * weight.transpose();
  }

  // dx (+)= dout @ weight
  void inputs(Matrix dx, const Matrix &dout, const Matrix &weight, bool accumulate) const {
    if (suits(dx, dout)) multiply(dx, dout, false, weight, false, accumulate ? 1 : 0);
    else if (accumulate) dx.noalias() += dout * weight;
    else dx.noalias() = dout * weight;
  }

  // dweight = dout.T @ x
  void weights(Matrix dweight, const Matrix &dout, const Matrix &x) const {
    if (suits(dweight, x)) multiply(dweight, dout, true, x, false, 0);
    else dweight.noalias() = dout.transpose() * x;
  }

 private:
  // Eigen takes a product with a single row or column for one of a matrix and a vector, which is faster.
  bool suits(const Matrix &out, const Matrix &other) const {
    return gemm_ && out.rows() > 1 && out.cols() > 1 && other.rows() > 1 && other.cols() > 1;
  }

  // A BLAS counts along columns: to it every matrix is transposed, and so is the product.
  void multiply(Matrix &out, const Matrix &first, bool turned, const Matrix &second, bool second_turned,
                Real kept) const {
    const int64_t columns = out.cols(), rows = out.rows(), between = turned ? first.rows() : first.cols();
    const int64_t wide = first.cols(), second_wide = second.cols();
    const Real one = 1;
    gemm_(second_turned ? "T" : "N", turned ? "T" : "N", &columns, &rows, &between, &one, second.data(),
          &second_wide, first.data(), &wide, &kept, out.data(), &columns);
  }

  Gemm<Real> gemm_;
  ThreadLimit limit_;
};

}  // namespace graftwork
