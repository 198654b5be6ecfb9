"""`python -m hongyan` is `hongyan`."""

from hongyan.cli.main import main

if __name__ == "__main__":
    main()
