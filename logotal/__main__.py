"""`python -m logotal`: the command line, where no `logotal` is on the path."""

from logotal.cli import main

if __name__ == "__main__":
    main()
