"""The `logotal` command, and `python -m logotal`: listens to signals before anything else is loaded."""

from logotal.endings import end, interruption, listen


def main() -> None:
    """Runs the command line."""
    try:
        listen()
        from logotal.cli import main as run  # noqa: PLC0415 - a third of a second, in which Ctrl-C may come

        run()
    except BaseException as error:
        if (stopped := interruption(error)) is not None:
            end(stopped)
        raise


if __name__ == "__main__":
    main()
