"""How right an estimator is: its people held against people that somebody labelled."""
