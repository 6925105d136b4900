"""Tables that are damaged, lie or trap, made when they are asked for; and whole ones for the fuzzer to break."""

from collections.abc import Callable

MOST = 10 * 2**20
ROWS = b"x,y\n1,2\n2,4\n3,7\n"
NAMES = (
    "<img src=x onerror=alert(1)>",
    "**bold** [x](javascript:alert(1))",
    "$\\href{javascript:alert(1)}{x}$",
    ":red[x] :material/home: :rainbow[y]",
    "=HYPERLINK(1)",
    "\u202e\u2066abc",
    "a\u0300" * 40,
    "\u200b",
    "\ufeff",
    "\U0001f469\u200d\U0001f469",
    "{{7*7}}${7*7}",
    "'; DROP TABLE x; --",
    "__proto__",
    "datum.x",
    "a.b[0]\\",
    "nan",
    "index",
    "CON",
    "../../etc/passwd",
    "x" * 5000,
)


def named(name: str) -> bytes:
    """Three rows under a hostile name, twice."""
    quoted = '"' + name.replace('"', '""') + '"'
    return whole("{},{}\n", f"{quoted},{quoted}\n").encode()


def of(cell: str, rows: int = 20) -> bytes:
    """Numbers, with one odd cell among them."""
    return ("x,y\n" + "".join(f"{k},{k * k}\n" for k in range(rows)) + f"{cell},5\n").encode("utf-8", "surrogatepass")


def filled(line: bytes) -> bytes:
    """As many of a line as may be."""
    return line * (MOST // len(line))


def whole(line: str, head: str = "", n: int = 12) -> str:
    """Twelve rows of numbers."""
    return head + "".join(line.format(k, k * k) for k in range(n))


VALID: dict[str, bytes] = {
    "commas": whole("{},{}\n", "x,y\n").encode(),
    "semicolons": whole("{},5;{};z\n", "a;b;c\n").encode(),
    "tabs": whole("{}\t{}\n", "a\tb\n").encode(),
    "blanks": whole(" {}.0  {}.5\n").encode(),
    "quotes": whole('"{}","{}"\n', '"a","b, c"\n').encode(),
    "UTF-16": whole("{}|{}\r\n", "größe|y\r\n").encode("utf-16"),
    "Latin-1": whole("{},{}\n", "größe,y\n").encode("latin-1"),
}

CASES: dict[str, Callable[[], bytes]] = {
    "nothing": bytes,
    "blanks": lambda: b" \n\t\r\n ",
    "null bytes": lambda: bytes(1000),
    "null bytes between": lambda: ROWS.replace(b",", b"\0,"),
    "one number": lambda: b"1",
    "one row": lambda: b"1,2",
    "names alone": lambda: b"x,y\n",
    "two rows": lambda: b"x,y\n1,2\n3,4",
    "one column": lambda: b"x\n1\n2\n3\n4",
    "text alone": lambda: b"a,b\nc,d\ne,f\ng,h",
    "one byte too large": lambda: bytes(MOST + 1),
    "noise": lambda: bytes(range(256)) * 1000,
    "only commas": lambda: filled(b","),
    "only line ends": lambda: filled(b"\n"),
    "only returns": lambda: filled(b"\r"),
    "only quotes": lambda: filled(b'"'),
    "only digits": lambda: filled(b"1"),
    "only points": lambda: filled(b"."),
    "only blanks and a number": lambda: filled(b" ")[:-1] + b"1",
    "only minus signs": lambda: filled("\u2212".encode()),
    "one row of five million cells": lambda: filled(b"1,"),
    "one row of three million cells": lambda: filled(b"12;"),
    "one row of words": lambda: filled(b"ab "),
    "100 rows of 50,000 cells": lambda: (b"1," * 49_999 + b"1\n") * 100,
    "100 rows of 35,000 cells of 2": lambda: (b"12," * 34_999 + b"12\n") * 99,
    "a long row after a hundred": lambda: b"1,2\n" * 150 + b"1," * 2_000_000,
    "200,001 rows": lambda: b"1,2\n" * 200_001,
    "200,000 rows": lambda: b"1,2\n" * 200_000,
    "200,000 rows to the limit": lambda: b"12345678901,12345678901.1234567890,12345678901234\n" * 199_999,
    "1,001 columns": lambda: (b"1," * 1000 + b"1\n") * 5,
    "1,000 columns to the limit": lambda: (b"1," * 999 + b"1\n") * 5_200,
    "1,000 columns of text": lambda: (b"a," * 998 + b"1,2\n") * 5_200,
    "2,000,000 cells": lambda: (b"1," * 999 + b"1\n") * 2_000,
    "2,000,000 cells of text": lambda: (b"abc," * 998 + b"1,2\n") * 2_000,
    "2,000,000 cells in 10 columns": lambda: b"12.5,-3e4,7,8,nan,x,1,2,3,4\n" * 199_999,
    "1,000 columns of one name": lambda: b"x," * 999 + b"x\n" + (b"1," * 999 + b"1\n") * 3,
    "1,000 names that collide when shortened": lambda: (
        b",".join(b"x" * 100 + b"%d" % k for k in range(1000)) + b"\n" + (b"1," * 999 + b"1\n") * 3
    ),
    "names that are other names' numbers": lambda: b"x,x (2),x,x (2),x\n" + b"1,2,3,4,5\n" * 3,
    "rows of different lengths": lambda: b"1,2\n1,2,3\n1\n1,2,3,4\n",
    "a longer row at the end": lambda: b"1,2\n" * 1000 + b"1,2,3\n",
    "a quote that never closes": lambda: b'x,y\n1,2\n"3,4\n5,6\n',
    "a quote that never closes, 10 MB": lambda: (b'x,y\n1,2\n"' + filled(b"3,4\n"))[:MOST],
    "a quote in each line": lambda: filled(b'1,"2\n'),
    "line ends in quotes": lambda: b'x,y\n"1\n",2\n"2\n",4\n"3\n",7\n',
    "a cell of 200,000 characters": lambda: of("z" * 200_000),
    "a cell of 5 MB": lambda: of("9" * 5_000_000, 3),
    "a name of 1 MB": lambda: b"n" * 2**20 + b",y\n1,2\n2,3\n3,4",
    "not a number": lambda: of("nan"),
    "only not a number": lambda: b"x,y\n" + b"nan,nan\n" * 9,
    "infinity": lambda: of("inf"),
    "1e999": lambda: of("1e999"),
    "1e-999": lambda: of("1e-999"),
    "1e308 everywhere": lambda: b"x,y\n" + b"1e308,-1e308\n-1e308,1e308\n" * 9,
    "5e-324 everywhere": lambda: b"x,y\n" + b"5e-324,0\n0,5e-324\n" * 9,
    "digits without end": lambda: of("1" * 5000),
    "exponent without end": lambda: of("1e" + "9" * 5000),
    "hexadecimal": lambda: of("0x10"),
    "underscores": lambda: of("1_000"),
    "Arabic digits": lambda: of("\u0661\u0662\u0663"),
    "superscript": lambda: of("\u00b2"),
    "full-width digits": lambda: of("\uff11"),
    "complex": lambda: of("1+2j"),
    "true": lambda: of("True"),
    "date": lambda: of("2020-01-01"),
    "formula": lambda: of('=cmd|"/C calc"!A0'),
    "half a character": lambda: of("\ud800"),
    "text direction": lambda: of("\u202e1"),
    "vertical tab": lambda: of("\x0b"),
    "form feed": lambda: of("\x0c"),
    "escape": lambda: of("\x1b[31m"),
    "next line": lambda: of("1\u0085 2"),
    "line separator": lambda: of("1\u20282"),
    "no-break space": lambda: of("\xa0"),
    "zero width": lambda: of("1\u200b2"),
    "a file separator": lambda: of("\x1c"),
    "constant columns": lambda: b"x,y\n" + b"1,1\n" * 9,
    "one sparse column": lambda: b"x,y,z\n1,,1\n,,2\n3,3,3\n4,,4\n5,,5\n",
    "every row with a gap": lambda: b"x,y\n1,\n,2\n3,\n,4\n",
    "sep= alone": lambda: b"sep=;",
    "sep= of nothing": lambda: b"sep=\n1,2\n3,4\n5,7",
    "all delimiters at once": lambda: b"1,2;3\t4|5 6\n" * 9,
    "thousands": lambda: b'"1,234","5,678"\n' * 9,
    "three byte order marks": lambda: b"\xef\xbb\xbf" * 3 + ROWS,
    "UTF-8 mark, UTF-16 rest": lambda: b"\xef\xbb\xbf" + ROWS.decode().encode("utf-16-le"),
    "UTF-16 of an odd length": lambda: ROWS.decode().encode("utf-16") + b"\0",
    "UTF-16 of half characters": lambda: b"\xff\xfe" + b"\x00\xd8" * 50,
    "UTF-16 without mark": lambda: ROWS.decode().encode("utf-16-be"),
    "UTF-32": lambda: ROWS.decode().encode("utf-32"),
    "UTF-32 beyond Unicode": lambda: b"\xff\xfe\0\0" + b"\xff\xff\xff\x7f" * 9,
    "UTF-8 too long": lambda: b"x,y\n\xc0\xaf,2\n1,2\n3,4\n5,6",
    "UTF-8 cut": lambda: "x,größe\n1,2\n3,4\n5,ö".encode()[:-1],
    "spreadsheet": lambda: b"PK\x03\x04" + ROWS,
    "old spreadsheet": lambda: b"\xd0\xcf\x11\xe0" + ROWS,
    "gzip": lambda: b"\x1f\x8b\x08" + ROWS,
    "pickle": lambda: b"cos\nsystem\n(S'echo'\ntR.",
    "JSON": lambda: b'[{"x": 1, "y": 2}, {"x": 2, "y": 3}]',
    "deep JSON": lambda: b"[" * 1_000_000,
    "web page": lambda: b"<html><script>alert(1)</script><table><tr><td>1<td>2</table>",
    "XML of laughs": lambda: b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>',
    "150,000 comments": lambda: b"# a, b\n" * 150_000 + ROWS,
    "comments alone": lambda: b"# 1,2\n" * 1000,
    "150,000 lines of text below": lambda: ROWS * 40 + b"some words\n" * 150_000,
    "150,000 thousands": lambda: b"x\ty\n" + b"1\t1,020\n" * 150_000,
    "150,000 lines of names": lambda: b"a,b\n" * 150_000 + ROWS,
    "marks of thousands without end": lambda: of('"' + "1,000" * 20_000 + '"'),
    "commas between digits without end": lambda: of('"1' + ",000" * 30_000 + '"'),
    "brackets and signs without end": lambda: of("(" * 50_000 + "-" * 50_000),
    "names of years alone": lambda: b"1990,2000\n" * 50,
    "all the missing words": lambda: b"x,y\n" + b"".join(b"%s,1\n" % w for w in (b"NA", b"n/a", b"?", b"-", b".")) * 3,
}
CASES |= {f"name {at}": lambda name=name: named(name) for at, name in enumerate(NAMES)}
CASES |= {
    f"{kind} cut at {at}/4": lambda d=d, at=at: d[: len(d) * at // 4] for kind, d in VALID.items() for at in (1, 2, 3)
}
