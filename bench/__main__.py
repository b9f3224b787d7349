"""All benchmarks, or those named: `python -m bench http engine matching`."""

import importlib
import sys

PARTS = ("startup", "engine", "matching", "understanding", "fingerprint", "http")


def main() -> int:
    wanted = sys.argv[1:] or PARTS
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        print(f"bench: there is no '{unknown[0]}': choose from {', '.join(PARTS)}", file=sys.stderr)
        return 2
    for name in wanted:
        print(f"\n== {name} ==", flush=True)
        importlib.import_module(f"bench.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
