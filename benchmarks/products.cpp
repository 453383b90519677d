// The matrix products of a training step and nothing else: the arithmetic that no engine can leave out.

#include <cstdint>

#include "products.hpp"

using Products = graftwork::Products<float>;
using Matrix = Products::Matrix;

struct Layer {
  int32_t in, out, differentiable;  // whether a gradient flows through what it reads
};

// For each layer: what it reads, its weights, what it computes; their gradients overwrite `inputs` and `weights`.
extern "C" void products(const Layer *layers, int64_t count, int64_t rows, float **inputs, float **weights,
                         float **outputs, float **input_gradients, float **weight_gradients,
                         graftwork::Gemm<float> gemm, graftwork::ThreadLimit limit) {
  const Products multiply(gemm, limit);
  const auto one = multiply.one_thread();
  for (int64_t i = 0; i < count; ++i)
    multiply.forward(Matrix(outputs[i], rows, layers[i].out), Matrix(inputs[i], rows, layers[i].in),
                     Matrix(weights[i], layers[i].out, layers[i].in));
  for (int64_t i = count; i-- > 0;) {
    const Matrix gradient(outputs[i], rows, layers[i].out);
    if (layers[i].differentiable)
      multiply.inputs(Matrix(input_gradients[i], rows, layers[i].in), gradient,
                      Matrix(weights[i], layers[i].out, layers[i].in), false);
    multiply.weights(Matrix(weight_gradients[i], layers[i].out, layers[i].in), gradient,
                     Matrix(inputs[i], rows, layers[i].in));
  }
}
