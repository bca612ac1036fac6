"""The sources of networks to compare, one line each; options, pages and results take their words from here.

Nothing here imports torch.
"""

SOURCE_WORDS: dict[str, str] = {
    "nnit": "networks written by the generator, the diffusion transformer",
    "permuted": "those of `nnit` with their hidden neurons shuffled: the same function",
    "ghn": "networks as the GHN writes them, not fine-tuned; it also wrote the training networks",
    "zoo": "networks made as the training networks were: written by a graph hypernetwork (GHN), then "
    "fine-tuned one by one",
    "bc": "the same architecture trained from scratch by behaviour cloning",
    "unaligned": "the same transformer, trained on networks whose hidden neurons were shuffled",
    "one-step": "the same transformer, trained to predict a network in one evaluation, without noise",
    "flat": "a generator of flattened weights: a code of fewer numbers, and a flow of such codes",
    "ridge": "a linear regression of each weight on widths, place, conditions and latent, fitted on GHN networks",
    "crop": "the top left corner of a GHN network with the widest trained layers",
    "crop-nearest": "a GHN network at widths rounded up to a multiple of 8, cropped",
    "pad": "a GHN network at widths cut to the widest trained one, filled up with silent neurons",
    "net2net": "a GHN network of the deepest trained depth with identity layers inserted (Net2DeeperNet)",
    "mean": "the mean of the shipped training networks of the task and depth, cropped",
    "interpolate": "the mean of two near training networks, weighted by how near they are, cropped",
    "nearest": "the training networks nearest in widths and conditions, cut or padded with silent neurons",
    "noise": "those of `nearest` with noise on every weight, a tenth of the matrix's standard deviation",
}
EXPERT_WORDS = "the scripted expert, no network"
