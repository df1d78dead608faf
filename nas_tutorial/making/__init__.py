"""Annex: how the course's table was made, an example of a NASBench of your own. In reading order:

build     train every network, in shards that go on where they stopped
score     score every network by the proxies that need no training
verify    train a few networks anew by ordinary Keras, and compare
"""
