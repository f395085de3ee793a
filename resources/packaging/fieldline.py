"""Where the built program starts: the same as `fieldline` from the source tree."""

from desktop.__main__ import main

main()
