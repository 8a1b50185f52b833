"""The `logotal` command, and `python -m logotal`: listens to signals before anything else is loaded."""

from logotal.endings import end, listen


def main() -> None:
    """Runs the command line."""
    listen()
    try:
        from logotal.cli import main as run  # noqa: PLC0415 - a third of a second, in which Ctrl-C may come

        run()
    except KeyboardInterrupt as error:
        end(error)


if __name__ == "__main__":
    main()
