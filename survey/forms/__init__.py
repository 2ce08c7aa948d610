"""The screens that a person fills in: input becomes drafts of the vocabulary."""
