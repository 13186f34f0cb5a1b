"""Judge the model on comments that a user has labelled: truth, predictions, metrics with intervals."""
