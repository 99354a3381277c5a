"""`python -m sentiment`, for launchers such as `accelerate launch -m sentiment train`."""

from sentiment.cli import main

if __name__ == "__main__":
    main()
