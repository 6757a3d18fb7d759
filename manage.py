#!/usr/bin/env python
"""Django's command line. With the embedded services it starts them for the command if they are not up."""

from __future__ import annotations

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ldn_kb.settings")
    from ldn_kb import embedded
    from ldn_kb.command_line import execute
    from ldn_kb.data_dir import ServiceError
    from ldn_kb.environment import read_environment

    env = read_environment()
    try:
        with embedded.running(env.data_dir, embedded.needed(env.database_url, env.redis_url)):
            execute(sys.argv)
    except ServiceError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
