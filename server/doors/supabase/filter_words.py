"""Cuts a filter into its conditions and a list into its values, by PostgREST's rules of quoting."""

from collections.abc import Iterator


def split_outside(text: str, separator: str = ",") -> Iterator[str]:
    """The parts between separators that stand in no quotes and no parentheses. Raises ValueError for an open one."""
    start, depth, quoted, escaped = 0, 0, False, False
    for at, sign in enumerate(text):
        if escaped:
            escaped = False
        elif quoted:
            escaped = sign == "\\"
            quoted = sign != '"'
        elif sign == '"':
            quoted = True
        elif sign in "()":
            depth += 1 if sign == "(" else -1
            if depth < 0:
                raise ValueError("a parenthesis is closed that was not opened")
        elif sign == separator and depth == 0:
            yield text[start:at]
            start = at + 1
    if quoted or depth:
        raise ValueError("a quote or parenthesis is not closed")
    yield text[start:]


def unquoted(value: str) -> str:
    """A value as it is meant: `"a,b"` is a,b; within quotes a backslash makes the next sign plain."""
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value
    signs = iter(value[1:-1])
    return "".join(next(signs, "") if sign == "\\" else sign for sign in signs)


def list_of(value: str) -> list[str]:
    """The values of `(a,"b,c")`. Raises ValueError for anything else."""
    if len(value) < 2 or value[0] != "(" or value[-1] != ")":
        raise ValueError("expected a list in parentheses, as (a,b)")
    return [unquoted(one.strip()) for one in split_outside(value[1:-1])] if value != "()" else []
