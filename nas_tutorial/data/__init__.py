"""Data sets, each with a fixed split into training, validation and test set. Read in this order:

datasets   `Dataset`, `load_dataset(name)`, and the data sets that images and curves come from
own        annex: what a data set of your own must hold
surnames   text: to which of seven languages does a surname belong?
"""
