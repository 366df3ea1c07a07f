"""``python -m invdeconv`` is ``invdeconv``."""

from invdeconv.cli import main

main()
