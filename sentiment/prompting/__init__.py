"""How a classifier is asked: prompts, wordings, what a written answer means, ways of asking."""
