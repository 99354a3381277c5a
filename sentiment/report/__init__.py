"""From outcomes to files a person or a program reads. Nothing here judges or trains.

A run folder is rebuilt from its journal files and `run.json` alone; see `write.write_run`.
"""
