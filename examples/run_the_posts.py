"""The TensorFlow listings of two tutorials on "deconvolution", run without TensorFlow.

Only the lines with an import or a session are changed. Shapes, values and dtype are TensorFlow's; what the
values mean is in why_the_transpose_is_not_the_inverse.py.
"""

# ruff: noqa: A001, N801
# fmt: off

from __future__ import annotations

# The first post ------------------------------------------------------------------------------------------
import numpy as np

from invdeconv.neural import tf_nn


class tf:  # was: import tensorflow as tf
    nn = tf_nn
    Variable = staticmethod(np.array)

    @staticmethod
    def constant(value, shape):
        return np.resize(np.asarray(value, np.float32), shape)


#模拟数据
img = tf.Variable(tf.constant(1.0,shape=[1,4,4,1]))

filter = tf.Variable(tf.constant([1.0,0,-1,-2],shape=[2,2,1,1]))

#分别进行VALID 和 SAME操作
conv = tf.nn.conv2d(img,filter=filter,strides=[1,2,2,1],padding='VALID')
cons = tf.nn.conv2d(img,filter,strides=[1,2,2,1],padding='SAME')
print(conv.shape)
print(cons.shape)

#进行反卷积
contv = tf.nn.conv2d_transpose(conv,filter,[1,4,4,1],strides=[1,2,2,1],padding='VALID')
conts = tf.nn.conv2d_transpose(cons,filter,[1,4,4,1],strides=[1,2,2,1],padding='SAME')

# Arrays have their values at once: no session, and [x] for sess.run([x]).
print("conv:\n",[conv,filter])
print("cons:\n",[cons])
print("contv:\n",[contv])
print("conts:\n",[conts])

# The second post: convolution ----------------------------------------------------------------------------
x = tf.constant(1., shape=[1,4,4,1])
w = tf.constant(1., shape=[3,3,1,1]) # [卷积核的高度，卷积核的宽度，输入通道数，输出通道数]
y = tf.nn.conv2d(x, w, strides=[1,1,1,1,], padding='VALID')
print(y.shape) # [1, 2, 2, 1]

# The second post: transposed convolution -----------------------------------------------------------------
y = tf.constant(1., shape=[1,2,2,1])
w = tf.constant(1., shape=[3,3,1,1])
x = tf.nn.conv2d_transpose(y, w, output_shape=[1,4,4,1], strides=[1,1,1,1], padding="VALID")
print(x.shape) # [1, 4, 4, 1]
