"""`python -m logotal`: the command line."""

from logotal.cli import main

if __name__ == "__main__":
    main()
