"""Tables that people really have: the log of kinds that were tried, and what must come of each.

A kind is read, with these numbers in its columns and these words in a note, or refused, with these words in the refusal
and what to do in its hint.
"""

from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of file, a small one of it, and its outcome."""

    name: str
    data: bytes
    columns: dict[str, list[float]]  # empty where it is refused
    said: str = ""  # in a note, or in the refusal
    unsaid: bool = False  # whether there must be no note at all


def read(name: str, text: str, said: str = "", encoding: str = "utf-8", **columns: list[float]) -> Kind:
    named = {column.replace("__", " "): values for column, values in columns.items()}
    return Kind(name, text.encode(encoding), named, said, not said)


def refused(name: str, data: str | bytes, said: str) -> Kind:
    return Kind(name, data if isinstance(data, bytes) else data.encode(), {}, said)


def lines(*rows: str) -> str:
    return "\n".join(rows) + "\n"


ONE = [1, 2, 3, 4]
THOUSANDS = [980, 1020, 995, 1110]
BOTH = "1,020 was read as 1020; if 1.02 is meant, write 1.02."
ABOVE = "Left out, above the numbers: {}, “{}”."
NAMES = "Taken for names: the first row, {}."
XY = {"x": ONE, "y": [2, 4, 6, 9]}
ROWS = ("1,2", "2,4", "3,6", "4,9")
LATE = [9 * k for k in range(1, 200)]
HALVES = [*range(150), *(k + 0.5 for k in range(50))]


def thousands(name: str, delimiter: str, *, quote: str = "", said: str = BOTH) -> Kind:
    """980, 1,020, 995, 1,110 behind a delimiter."""
    cells = [f"{k}{delimiter}{quote}{value:,}{quote}" for k, value in zip(ONE, THOUSANDS, strict=True)]
    return read(f"thousands, {name}", lines(f"x{delimiter}y", *cells), said, x=ONE, y=THOUSANDS)


NUMBERS = (
    thousands("tabs", "\t"),
    thousands("semicolons", ";"),
    thousands("pipes", "|"),
    thousands("blanks", " "),
    thousands("quotes between commas", ",", quote='"'),
    read(
        "thousands that begin after line 100, tabs",
        lines("x\ty", *(f"{k}\t{9 * k:,}" for k in range(1, 200))),
        "1,008 was read as 1008",
        x=list(range(1, 200)),
        y=LATE,
    ),
    read(
        "thousands that begin after line 100, points",
        lines("x;y", *(f"{k};{9 * k:,}".replace(",", ".") for k in range(1, 200))),
        "1.008 was read as 1008; if 1.008 is meant, write 1.008.",
        x=list(range(1, 200)),
        y=LATE,
    ),
    read(
        "thousands that begin after line 250, quotes",
        lines("x,y", *(f'{k},"{3 * k:,}"' for k in range(1, 400))),
        "1,002 was read as 1002",
        y=[3 * k for k in range(1, 400)],
    ),
    read(
        "points between thousands beside decimal commas",
        "Jahr;Einwohner;Fläche\n2001;1.250;12,5\n2002;1.310;12,5\n2003;1.377;12,75\n2004;1.402;13,0\n",
        "Einwohner: 1.250 was read as 1250.",
        Jahr=[2001, 2002, 2003, 2004],
        Einwohner=[1250, 1310, 1377, 1402],
        Fläche=[12.5, 12.5, 12.75, 13],
    ),
    read(
        "the same columns in another order",
        "Fläche;Einwohner;Jahr\n12,5;1.250;2001\n12,5;1.310;2002\n12,75;1.377;2003\n13,0;1.402;2004\n",
        "Einwohner: 1.250 was read as 1250",
        Einwohner=[1250, 1310, 1377, 1402],
    ),
    read(
        "commas between thousands beside decimal points",
        "n\tshare\n1,250\t12.5\n1,310\t12.5\n1,377\t12.75\n",
        "n: 1,250 was read as 1250.",
        n=[1250, 1310, 1377],
        share=[12.5, 12.5, 12.75],
    ),
    read(
        "decimal commas of three digits beside others",
        "a\tb\n0,5\t1,250\n1,5\t1,310\n2,5\t1,377\n",
        "a: 0,5 was read as 0.5",
        a=[0.5, 1.5, 2.5],
        b=[1.25, 1.31, 1.377],
    ),
    read(
        "decimal points of three digits beside others",
        "a;b\n0.5;1.250\n1.5;1.310\n2.5;1.377\n",
        "",
        a=[0.5, 1.5, 2.5],
        b=[1.25, 1.31, 1.377],
    ),
    read(
        "decimal commas of three digits and 0 before them",
        "a;b\n1;0,125\n2;1,250\n3;1,375\n",
        "0,125 was read as 0.125.",
        b=[0.125, 1.25, 1.375],
    ),
    read(
        "three digits behind a comma, semicolons, nothing else known",
        "a;b\n1;1,250\n2;1,310\n3;1,377\n",
        "1,250 was read as 1.25; if 1250 is meant, write 1250.",
        b=[1.25, 1.31, 1.377],
    ),
    read(
        "three digits behind a comma, tabs, nothing else known",
        "a\tb\n1\t1,250\n2\t1,310\n3\t1,377\n",
        "1,250 was read as 1250; if 1.25 is meant, write 1.25.",
        b=[1250, 1310, 1377],
    ),
    read(
        "three digits behind a point, nothing else known",
        "a,b\n1,1.250\n2,1.310\n3,1.377\n",
        "1.250 was read as 1.25; if 1250 is meant, write 1250.",
        b=[1.25, 1.31, 1.377],
    ),
    read("decimal points of two digits", "a,b\n1,1.25\n2,1.31\n3,1.37\n", "", b=[1.25, 1.31, 1.37]),
    read(
        "millions, tabs",
        "x\ty\n1\t1,250,000\n2\t2,000,000\n3\t980,000\n",
        "1,250,000 was read as 1250000.",
        y=[1_250_000, 2_000_000, 980_000],
    ),
    read(
        "millions with points",
        "x;y\n1;1.250.000\n2;2.000.000\n3;980.000\n",
        "1.250.000 was read as 1250000.",
        y=[1_250_000, 2_000_000, 980_000],
    ),
    read("lakhs", "x\ty\n1\t12,34,567\n2\t1,00,000\n3\t99,999\n", "12,34,567", y=[1_234_567, 100_000, 99_999]),
    read("blanks between thousands", "x;y\n1;1 250,5\n2;12 000\n3;980\n", "was read", y=[1250.5, 12_000, 980]),
    read(
        "thin spaces between thousands",
        "x,y\n1,1\u202f250.5\n2,12\u202f000\n3,980\n",
        "was read",
        y=[1250.5, 12_000, 980],
    ),
    read(
        "no-break spaces between thousands", "x,y\n1,1\xa0250\n2,12\xa0000\n3,980\n", "was read", y=[1250, 12_000, 980]
    ),
    read("apostrophes between thousands", "x,y\n1,1'250.50\n2,12’000\n3,980\n", "was read", y=[1250.5, 12_000, 980]),
    read("both marks, comma last", "x;y\n1;-21.419,06\n2;1.000,5\n3;7\n", "-21.419,06", y=[-21_419.06, 1000.5, 7]),
    read("both marks, point last", 'x,y\n1,"-21,419.06"\n2,"1,000.5"\n3,7\n', "-21,419.06", y=[-21_419.06, 1000.5, 7]),
    read("per cent", "age,share\n20,12.5%\n30,15.0%\n40,18.2%\n50,25.5%\n", "12.5%", share=[12.5, 15, 18.2, 25.5]),
    read("per cent after a blank and a comma", "a;b\n1;12,5 %\n2;15,0 %\n3;18 %\n", "12,5 %", b=[12.5, 15, 18]),
    read("dollars", "n,price\n1,$95.50\n2,$100\n3,-$7.25\n", "$95.50 was read as 95.5", price=[95.5, 100, -7.25]),
    read("dollars with thousands", 'n,price\n1,"$1,095.50"\n2,$100\n3,$7.25\n', "$1,095.50", price=[1095.5, 100, 7.25]),
    read("euros behind", "n;price\n1;95,50 €\n2;1.100,00 €\n3;7,25 €\n", "95,50 €", price=[95.5, 1100, 7.25]),
    read("codes of currencies", "n;price\n1;EUR 95,50\n2;100 EUR\n3;7,25 EUR\n", "EUR 95,50", price=[95.5, 100, 7.25]),
    read(
        "brackets for less than 0",
        "n,sum\n1,(95.50)\n2,100\n3,(7)\n",
        "(95.50) was read as −95.5",
        sum=[-95.5, 100, -7],
    ),
    read("true minus signs", "x,y\n1,\u22122.5\n2,\u22124\n3,5\n", "", y=[-2.5, -4, 5]),
    read("en dashes for minus signs", "x,y\n1,–2.5\n2,–4\n3,5\n", "–2.5 was read as −2.5", y=[-2.5, -4, 5]),
    read("minus signs and decimal commas", "x;y\n1;\u22122,5\n2;–4\n3;5\n", "−2,5 was read as −2.5", y=[-2.5, -4, 5]),
    read("dashes for missing values", "x,y\n1,2\n2,—\n3,4\n4,–\n5,6\n", "2 of 5 rows", x=[1, 3, 5], y=[2, 4, 6]),
    read("two points for missing values", "x,y\n1,2\n2,..\n3,4\n5,6\n", "1 of 4 rows", x=[1, 3, 5], y=[2, 4, 6]),
    read(
        "150 rows of whole numbers, then halves with commas",
        lines(*(f"{k};{2 * k}" for k in range(150)), *(f"{k},5;{2 * k + 1}" for k in range(50))),
        "0,5 was read as 0.5",
        column__1=HALVES,
    ),
    read(
        "the letter O for a zero",
        "x,y\n1,O\n2,4\n3,6\n4,8\n5,9\n6,9\n7,9\n8,9\n9,9\n10,9\n11,9\n",
        "1 cell with text, “O”",
        y=[4, 6, 8, *[9] * 7],
    ),
    read("exponents", "x,y\n1,1e3\n2,2.5E-1\n3,+3e+0\n", "", y=[1000, 0.25, 3]),
    read("exponents and commas", "x;y\n1;1,5E+03\n2;2,5e-1\n3;3\n", "1,5E+03 was read as 1500", y=[1500, 0.25, 3]),
)

LAYOUTS = (
    read(
        "a delimiter at the end of each row",
        "A,B,C\n1,4,7,\n2,5,8,\n3,6,9,\n4,8,12,\n",
        A=ONE,
        B=[4, 5, 6, 8],
        C=[7, 8, 9, 12],
    ),
    read("a delimiter at the end of each line", "A,B,\n1,4,\n2,5,\n3,6,\n4,8,\n", A=ONE, B=[4, 5, 6, 8]),
    read("semicolons at the end of each row", "A;B\n1;4;\n2;5;\n3;6;\n4;8;\n", A=ONE, B=[4, 5, 6, 8]),
    read("a delimiter at the end of the names alone", "A,B,\n1,4\n2,5\n3,6\n4,8\n", A=ONE, B=[4, 5, 6, 8]),
    read(
        "years as names",
        "country,1990,2000,2010\nAngola,41.2,45.1,55.3\nBrazil,66.1,70.2,74.1\nChad,47.5,47.6,50.4\nDenmark,74.9,76.9,79.3\n",
        NAMES.format("country, 1990, 2000, 2010"),
        **{"1990": [41.2, 66.1, 47.5, 74.9], "2000": [45.1, 70.2, 47.6, 76.9], "2010": [55.3, 74.1, 50.4, 79.3]},
    ),
    read(
        "years as names, the last first, above whole numbers",
        "country;2010;2000\nAngola;55;45\nBrazil;74;70\nChad;50;47\n",
        NAMES.format("country, 2010, 2000"),
        **{"2010": [55, 74, 50], "2000": [45, 70, 47]},
    ),
    read(
        "0, 1, 2 as names, as pandas writes them",
        ",0,1,2\n0,5.5,6.5,1\n1,7.5,8.5,2\n2,9.5,1.5,3\n",
        NAMES.format("0, 1, 2"),
        **{"0": [5.5, 7.5, 9.5], "2": [1, 2, 3]},
    ),
    read(
        "0, 1, 2 as names above fractions",
        "0,1,2\n5.5,6.5,1.5\n7.5,8.5,2.5\n9.5,1.5,3.5\n",
        NAMES.format("0, 1, 2"),
        **{"0": [5.5, 7.5, 9.5]},
    ),
    read("no names, whole numbers that rise", "1,2,3\n4,5,6\n7,8,9\n", column__1=[1, 4, 7], column__3=[3, 6, 9]),
    read("no names, fractions below whole numbers", "2,3\n2.5,3.5\n1.5,2.5\n3.5,4.5\n", column__1=[2, 2.5, 1.5, 3.5]),
    read("no names, years first", "2001,2\n2002,4\n2003,6\n2004,9\n", column__1=[2001, 2002, 2003, 2004]),
    Kind(
        "names of two lines",
        b'"height\n(cm)","weight\n(kg)"\n150,50\n160,57\n170,66\n180,74\n',
        {"height (cm)": [150, 160, 170, 180], "weight (kg)": [50, 57, 66, 74]},
        unsaid=True,
    ),
    Kind(
        "names of two lines, Windows' line ends, semicolons",
        b'"a\r\nb";"c"\r\n1;2,5\r\n2;3\r\n3;4\r\n',
        {"a b": [1, 2, 3], "c": [2.5, 3, 4]},
        "2,5 was read as 2.5",
    ),
    read(
        "remarks of two lines in quotes", 'x,y,remark\n1,2,"a\nb"\n2,4,c\n3,6,"d\n\ne"\n4,9,f\n', "remark (“a b”)", **XY
    ),
    Kind(
        "units in a row of their own",
        b"height,weight\n(cm),[kg]\n150,50\n160,57\n170,66\n",
        {"height (cm)": [150, 160, 170], "weight [kg]": [50, 57, 66]},
        unsaid=True,
    ),
    Kind("units without brackets", b"t,v\ns,m/s\n1,2\n2,4\n3,6\n", {"t s": [1, 2, 3], "v m/s": [2, 4, 6]}, unsaid=True),
    read("a delimiter at the end of some rows", "x,y\n1,2\n2,4,\n3,6,,\n4,9\n", **XY),
    read("a comment above", lines("# made by me", "x,y", *ROWS), ABOVE.format("1 line", "made by me"), **XY),
    read("names in a comment, as numpy writes them", lines("# x,y", *ROWS), **XY),
    read(
        "two comments, the second of them names",
        lines("# by me", "# x,y", *ROWS),
        ABOVE.format("1 line", "by me"),
        **XY,
    ),
    read("names in a comment, blanks", lines("# x y", "1 2", "2 4", "3 6", "4 9"), **XY),
    read("comments of per cent signs", lines("% by me", "x,y", *ROWS), ABOVE.format("1 line", "by me"), **XY),
    read("150 comments", lines(*["# a line, and more"] * 150, "x,y", *ROWS), "150 lines", **XY),
    Kind("a name that is #", b"#,x\n1,2\n2,4\n3,6\n4,9\n", {"#": [1, 2, 3, 4], "x": [2, 4, 6, 9]}, unsaid=True),
    read(
        "a report's head",
        lines("Report", "Printed on Monday", "", "x,y", *ROWS),
        ABOVE.format("2 lines", "Report"),
        **XY,
    ),
    read(
        "a report's head with a comma",
        lines("Report, second", "x,y", *ROWS),
        ABOVE.format("1 line", "Report second"),
        **XY,
    ),
    read("a report's head in cells, as Excel writes it", lines("Report,", ",", "x,y", *ROWS), "Report", **XY),
    read(
        "a report's head in semicolons",
        lines("Bericht;;", ";;", "x;y;z", "1;2;3", "2;4;5", "3;6;8"),
        "Bericht",
        x=[1, 2, 3],
        z=[3, 5, 8],
    ),
    read("a head of many lines above few rows", lines(*["About"] * 20, "x,y", *ROWS), "20 lines", **XY),
    read(
        "a source below",
        lines("x,y", *ROWS, "Source: the office"),
        "below the numbers: 1 line, “Source: the office”",
        **XY,
    ),
    read("a table as Markdown writes it", "| x | y |\n|---|:-:|\n| 1 | 2 |\n| 2 | 4 |\n| 3 | 6 |\n| 4 | 9 |\n", **XY),
    read(
        "a table as psql prints it",
        " x | y\n---+---\n 1 | 2\n 2 | 4\n 3 | 6\n 4 | 9\n(4 rows)\n",
        "Left out, below the numbers: 1 line, “(4 rows)”.",
        **XY,
    ),
    read("blank lines between", lines("x,y", "", "1,2", "", "2,4", "3,6", "", "4,9"), **XY),
    read("Excel's sep=", lines("sep=;", "x;y", "1;2", "2;4", "3;6", "4;9"), **XY),
    read("R's names of rows", '"x","y"\n"a",1,2\n"b",2,4\n"c",3,6\n"d",4,9\n', "column 1 (“a”)", **XY),
    read("R's numbers of rows", '"x" "y"\n"1" 1 2\n"2" 2 4\n"3" 3 6\n"4" 4 9\n', column__1=ONE, **XY),
    read("columns padded with blanks", " x    y\n 1    2\n 2    4\n 3    6\n 4    9\n", **XY),
    read("old Macs' line ends", "x,y\r1,2\r2,4\r3,6\r4,9\r", **XY),
    read("text first, numbers after it", "city,x,y\nUlm,1,2\nBonn,2,4\nKiel,3,6\nJena,4,9\n", "city (“Ulm”)", **XY),
    read("a column that is empty", "x,e,y\n1,,2\n2,,4\n3,,6\n4,,9\n", "more than half of it is missing: e.", **XY),
    read("an en dash in a name", "2001–2005,y\n1,2\n2,4\n3,6\n", **{"2001–2005": [1, 2, 3]}),
    refused(
        "names of some columns, decimal commas unquoted",
        "x,y\n1,5,2,5\n2,5,3,5\n3,5,4,5\n",
        "a name for each column, got 2 names for 4 columns",
    ),
    refused("one column with decimal commas", "x\n1,5\n2,5\n3,5\n4,5\n", "got 1 name for 2 columns"),
    refused("one column", "x\n1\n2\n3\n", "at least two columns of numbers, found no delimiter"),
    refused("one column beside text", "x,name\n1,a\n2,b\n3,c\n", "at least two columns of numbers, got 1"),
    refused(
        "rows of different lengths",
        "x,y\n1,2\n3,4\n5,6,7\n",
        "as many cells in every row, got 2 in the first and 3 in line 4",
    ),
    refused(
        "dates and one number",
        "day,n\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n",
        "at least two columns of numbers, got 1",
    ),
    refused("two rows", "x,y\n1,2\n3,4\n", "at least three complete rows, got 2"),
)

FILES = (
    Kind(
        "Shift-JIS",
        "気温,売上\n1,2\n2,4\n3,6\n".encode("shift_jis"),
        {"気温": [1, 2, 3], "売上": [2, 4, 6]},
        unsaid=True,
    ),
    Kind(
        "Windows-1252",
        "größe,“y”\n1,2\n2,4\n3,6\n".encode("cp1252"),
        {"größe": [1, 2, 3], "“y”": [2, 4, 6]},
        unsaid=True,
    ),
    Kind(
        "Latin-1, accents in a row",
        "déjà vu,éé\n1,2\n2,4\n3,6\n".encode("latin-1"),
        {"déjà vu": [1, 2, 3]},
        unsaid=True,
    ),
    read("UTF-16 of a spreadsheet", "x\ty\n1\t2\n2\t4\n3\t6\n4\t9\n", encoding="utf-16", **XY),
    refused("gzip", b"\x1f\x8b\x08\0rest", "got a gzip file"),
    refused("Excel", b"PK\x03\x04" + bytes(26) + b"xl/workbook.xml", "got an Excel file (.xlsx)"),
    refused(
        "Excel whose sheets come late",
        b"PK\x03\x04" + bytes(9000) + b"xl/workbook.xml" + bytes(50),
        "got an Excel file (.xlsx)",
    ),
    refused("old Excel", b"\xd0\xcf\x11\xe0\xa1\xb1", "got an old Excel file (.xls)"),
    refused(
        "LibreOffice", b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "got a spreadsheet (.ods)"
    ),
    refused("zip", b"PK\x03\x04" + bytes(26) + b"data.csv", "got a zip archive"),
    refused("npz", b"PK\x03\x04" + bytes(26) + b"X.npy", "got arrays (.npz)"),
    refused("JSON of rows", '[{"x": 1, "y": 2}, {"x": 2, "y": 3}]', "got JSON"),
    refused("JSON of many lines", "[\n [1, 2, 3, 4],\n [2, 3, 4, 5],\n [3, 4, 5, 6]\n]\n", "got JSON"),
    refused("JSON of columns", '{\n "x": [1, 2, 3],\n "y": [2, 3, 4]\n}', "got JSON"),
    refused("JSON lines", '{"x": 1, "y": 2}\n{"x": 2, "y": 3}\n', "got JSON"),
    refused("AVIF", b"\0\0\0\x1cftypavif\0\0\0\0", "got an AVIF picture"),
    refused("HEIC", b"\0\0\0\x1cftypheic\0\0\0\0", "got a HEIC photograph"),
    refused("PNG", b"\x89PNG\r\n\x1a\n", "got a PNG picture"),
    refused("JPEG", b"\xff\xd8\xff\xe0", "got a JPEG picture"),
    refused("PDF", b"%PDF-1.7\n%\xe2\xe3", "got a PDF"),
    refused("Parquet", b"PAR1\x15\x04", "got a Parquet file"),
    refused("SQLite", b"SQLite format 3\0", "got an SQLite database"),
    refused("numpy array", b"\x93NUMPY\x01\0", "got a numpy array (.npy)"),
    refused("pickle", b"\x80\x04\x95", "got a pickle"),
    refused("web page", "<!DOCTYPE html><table><tr><td>1<td>2</table>", "got a web page"),
    refused("binary", b"\x81\x02\x03", "got binary data"),
    refused("nothing", b"", "not be empty"),
)

KINDS = (*NUMBERS, *LAYOUTS, *FILES)
