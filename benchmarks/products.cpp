// The matrix products of a training step and nothing else: the arithmetic that no engine can leave out.

#include <Eigen/Core>
#include <cstdint>

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Matrix = Eigen::Map<RowMajor>;

struct Layer {
  int32_t in, out, differentiable;  // whether a gradient flows through what it reads
};

// For each layer: what it reads, its weights, what it computes; their gradients overwrite `inputs` and `weights`.
extern "C" void products(const Layer *layers, int64_t count, int64_t rows, float **inputs, float **weights,
                         float **outputs, float **input_gradients, float **weight_gradients) {
  for (int64_t i = 0; i < count; ++i)
    Matrix(outputs[i], rows, layers[i].out).noalias() =
        Matrix(inputs[i], rows, layers[i].in) * Matrix(weights[i], layers[i].out, layers[i].in).transpose();
  for (int64_t i = count; i-- > 0;) {
    const Matrix gradient(outputs[i], rows, layers[i].out);
    if (layers[i].differentiable)
      Matrix(input_gradients[i], rows, layers[i].in).noalias() =
          gradient * Matrix(weights[i], layers[i].out, layers[i].in);
    Matrix(weight_gradients[i], layers[i].out, layers[i].in).noalias() =
        gradient.transpose() * Matrix(inputs[i], rows, layers[i].in);
  }
}
