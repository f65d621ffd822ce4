"""`python -m qihang_client` is the command `qihang-client`."""

import sys

from qihang_client.command import main

sys.exit(main())
