# %% Settings
# settings: change them, and run again
# tasks: digits, dim_or_bright, dim_or_bright_corner, dim_or_bright_divided, added_light, own_ink, blank, blank_noisy,
# grey_cards, long_tailed, grey_background, small_50 and small_200
TASK = "digits"
CONV_BIAS = True  # of the first twin; the second has no bias at all
DENSE_BIAS = True
BATCH_NORM = False  # in both, after each convolution; its beta and running mean are biases too
VARIED_CONTRAST = False  # train on pictures times 0.03 to 10
SEED = 0  # of split, starting weights and batches
N_EPOCHS = 20
LEARNING_RATE = 0.003
K = 1.0  # the light: every test picture times K, after training
DIM_BIASES = False  # multiply every bias of the first twin by K, too: then f(K x; W, K b) = K f(x; W, b)
TEST_PICTURE = 0  # the one that is looked at under this light
# end of settings

BATCH = 64
