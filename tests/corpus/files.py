"""Files made on the fly: ``{name: (file name, bytes, what becomes of it)}``; TAKEN, UNSAFE, or the code of the refusal. EITHER: as far as the time goes."""
import io
import struct
import zipfile
import zlib

import pypdf
from PIL import Image

TAKEN, UNSAFE = "taken", "unsafe"
EITHER = (TAKEN, UNSAFE)
TIFF, WEBP, GIF = b"II*\0" + bytes(60), b"RIFF\x1a\0\0\0WEBPVP8L" + bytes(60), b"GIF89a\1\0\1\0\0\0\0;"
PARTS = (b"<< /Type /Catalog /Pages 2 0 R%s >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>")


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width=8, height=8, depth=8, color=6, extra=b"", size=None):
    """A black picture; ``size``: what its header says."""
    row = b"\0" * (1 + (width * {0: 1, 2: 3, 6: 4}[color] * depth + 7) // 8)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row * min(64, height - line)) for line in range(0, height, 64)) + packer.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *(size or (width, height)), depth, color, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + extra + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def picture(kind="JPEG", size=(8, 8), mode="RGB", **options):
    output = io.BytesIO()
    Image.new(mode, size).save(output, kind, **options)
    return output.getvalue()


def pdf(root=b"", more=(), junk=b"", end=b"", trailer=b"", start=None):
    """A PDF of one page with a plain table of its objects; ``more`` objects follow as 4, 5, …"""
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate((PARTS[0] % root, *PARTS[1:], *more), 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    body += junk
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n%s" % (
        len(places) + 1, rows, len(places) + 1, trailer, len(body) if start is None else start, end)


def packed(data, filters=b"/FlateDecode", options=b""):
    """A PDF whose objects 5 and on stand in the stream of object 4."""
    parts = [b"%d 0 obj\n%s\nendobj\n" % (number, part) for number, part in enumerate((PARTS[0] % b" /Names 5 0 R", *PARTS[1:]), 1)]
    parts.append(b"4 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter [%s] /Length %d %s>>\nstream\n%s\nendstream\nendobj\n" % (filters, len(data), options, data))
    return _with_stream(parts, struct.pack(">BLH", 2, 4, 0))


def _with_stream(parts, last):
    body, rows = b"%PDF-1.5\n", struct.pack(">BLH", 0, 0, 65535)
    for part in parts:
        rows += struct.pack(">BLH", 1, len(body), 0)
        body += part
    rows += last + struct.pack(">BLH", 1, len(body), 0)
    return body + b"6 0 obj\n<< /Type /XRef /Size 7 /W [1 4 2] /Root 1 0 R /Length %d >>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (len(rows), rows, len(body))


def places_bomb(megabytes):
    """The table of objects itself unpacks to that much."""
    data, body = zlib.compress(b"\1\0\0\0\x09\0\0" * (megabytes * 150_000), 9), b"%PDF-1.5\n"
    return body + b"6 0 obj\n<< /Type /XRef /Size 9 /W [1 4 2] /Root 1 0 R /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (len(data), data, len(body))


def blanks(megabytes, rounds=1):
    data = b"5 0 << /A 1 >>" + b" " * (megabytes * 1024 * 1024)
    for _round in range(rounds):
        data = zlib.compress(data, 9)
    return data


def pages(number):
    writer, output = pypdf.PdfWriter(), io.BytesIO()
    for _page in range(number):
        writer.add_blank_page(9, 9)
    writer.write(output)
    return output.getvalue()


def archive(**members):
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as packed_file:
        for name, data in members.items():
            packed_file.writestr(name.replace("__", "/"), data)
    return output.getvalue()


def located():
    exif = Image.Exif()
    exif[0x0112], exif[0x8825] = 3, {1: "N", 2: (50.0, 51.0, 0.0)}
    return picture("JPEG", (40, 30), exif=exif.tobytes(), comment=b"Secret")


def scans(number):
    """A JPEG whose last scan comes again and again."""
    raw = picture("JPEG", (64, 64), "L", progressive=True)
    return raw[:-2] + raw[raw.rindex(b"\xff\xda"):-2] * number + b"\xff\xd9"


EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"  # in two parts: this file is none


def cases(limit):
    """All of them; ``limit``: bytes of the largest file."""
    good, photo, drawing = pdf(), picture(), png()
    tail, head, between = photo[2:], photo[:2], drawing[33:]
    return {
        # what it is not
        "script as PDF": ("a.pdf", b"<script>alert(1)</script>", "file_content"), "program as PDF": ("a.pdf", b"MZ" + bytes(500), "file_content"), "ELF as PNG": ("a.png", b"\x7fELF" + bytes(500), "file_content"), "shell as JPEG": ("a.jpg", b"#!/bin/sh\nid", "file_content"),
        "EICAR as PDF": ("a.pdf", EICAR, "file_content"), "EICAR by its name": ("eicar.com", EICAR, "file_type"), "ZIP as PDF": ("a.pdf", archive(a="b"), "file_content"), "ZIP behind a PDF": ("a.pdf", good + archive(a="b"), "file_content"),
        "document": ("a.docx", archive(word__document="<a/>"), "file_type"), "macros": ("a.xlsm", archive(xl__vbaProject="x"), "file_type"), "document as PDF": ("a.pdf", archive(word__document="<a/>"), "file_content"),
        "SVG": ("a.svg", b"<svg onload='alert(1)'/>", "file_type"), "SVG as PNG": ("a.png", b"<svg onload='alert(1)'/>", "file_content"), "entities": ("a.png", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><svg>&b;</svg>', "file_content"),
        "GIF": ("a.gif", GIF, "file_type"), "GIF as PNG": ("a.png", GIF, "file_content"), "GIF and PDF": ("a.pdf", b"GIF89a" + good, "file_content"), "page and PDF": ("a.pdf", b"<html>" + good, "file_content"), "PDF and page": ("a.pdf", good + b"<html>", "file_content"),
        "TIFF": ("a.tiff", TIFF, "file_type"), "TIFF as JPEG": ("a.jpg", TIFF, "file_content"), "WebP": ("a.webp", WEBP, "file_type"), "BMP as PNG": ("a.png", b"BM" + bytes(60), "file_content"), "ICO as PNG": ("a.png", b"\0\0\1\0\1\0" + bytes(60), "file_content"), "HEIC": ("a.heic", b"\0\0\0\x18ftypheic", "file_type"),
        "HEIC as JPEG": ("a.jpg", b"\0\0\0\x18ftypheic", "file_content"), "PostScript": ("a.eps", b"%!PS", "file_type"), "PostScript as PDF": ("a.pdf", b"%!PS-Adobe", "file_content"), "PNG as JPEG": ("a.jpg", drawing, "file_content"), "JPEG as PNG": ("a.png", photo, "file_content"),
        # names
        "two endings": ("a.pdf.exe", good, "file_type"), "the other way": ("a.exe.pdf", good, TAKEN), "turned round": ("a\u202efdp.exe", good, "file_type"), "zero in it": ("a.pdf\0.exe", good, "file_type"), "blank at the end": ("a.pdf ", good, "file_type"), "dot at the end": ("a.pdf.", good, "file_type"),
        "stream of NTFS": ("a.pdf::$DATA", good, "file_type"), "settings of a server": (".htaccess", b"Options +ExecCGI", "file_type"), "device": ("CON", good, "file_type"), "device with an ending": ("CON.pdf", good, TAKEN), "long": ("x" * 300 + ".pdf", good, TAKEN), "no name": (".pdf", good, TAKEN), "wide letters": ("a.ｐｄｆ", good, "file_type"),
        # sizes
        "nothing": ("a.pdf", b"", "file_empty"), "one byte": ("a.pdf", b"%", "file_content"), "at the limit": ("a.pdf", _filled(good, limit), TAKEN),
        "one byte below": ("a.pdf", _filled(good, limit - 1), TAKEN), "one byte above": ("a.pdf", _filled(good, limit + 1), "file_size"), "cut off": ("a.pdf", good[:-30], "file_content"), "half": ("a.jpg", photo[:len(photo) // 2], "file_damaged"),
        # PDFs that act
        "script": ("a.pdf", pdf(b" /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"), UNSAFE), "program": ("a.pdf", pdf(b" /AA << /O << /S /Launch /F (cmd.exe) >> >>"), UNSAFE), "program within": ("a.pdf", pdf(b" /Names << /EmbeddedFiles 4 0 R >>", [b"<< /Names [] >>"]), UNSAFE),
        "spelled": ("a.pdf", pdf(b" /Open#41ction << >>"), UNSAFE), "form of XML": ("a.pdf", pdf(b" /AcroForm << /XFA [] >>"), UNSAFE), "film": ("a.pdf", pdf(b" /A << /Subtype /RichMedia >>"), UNSAFE), "short name only": ("a.pdf", pdf(b" /X << /JS (x) >>"), UNSAFE), "deep": ("a.pdf", pdf(b" /A " + b"[" * 60 + b"]" * 60), UNSAFE),
        "locked": ("a.pdf", pdf(trailer=b"/Encrypt << /Filter /Other >> ", start=None), "file_damaged"),
        # PDFs without end
        "ten thousand pages": ("a.pdf", pages(10_000), EITHER), "table before itself": ("a.pdf", pdf(trailer=b"/Prev 189 "), TAKEN), "wrong place": ("a.pdf", pdf(start=7), TAKEN), "place beyond the end": ("a.pdf", pdf(start=10**9), TAKEN), "page of itself": ("a.pdf", good.replace(b"[3 0 R]", b"[2 0 R]"), TAKEN),
        "catalog of itself": ("a.pdf", good.replace(PARTS[0] % b"", b"1 0 R".ljust(len(PARTS[0] % b""))), "file_damaged"), "no pages": ("a.pdf", good.replace(b"/Count 1", b"/Count 0"), "file_damaged"), "brackets": ("a.pdf", pdf(more=[b"[" * 50_000 + b"]" * 50_000]), UNSAFE),
        "gigabyte in a thousandth": ("a.pdf", packed(blanks(200)), UNSAFE), "packed twice": ("a.pdf", packed(blanks(200, 2), b"/FlateDecode /FlateDecode"), UNSAFE), "packed another way": ("a.pdf", packed(b"\x80\x0b\x60\x50", b"/LZWDecode"), UNSAFE), "wide rows": ("a.pdf", packed(zlib.compress(b"5 0 << >>"), options=b"/DecodeParms << /Predictor 12 /Columns 900000000 >> "), UNSAFE),
        "table of gigabytes": ("a.pdf", places_bomb(100), "file_damaged"), "long array": ("a.pdf", pdf(more=[b"[" + b"0 " * 2_000_000 + b"]"]), EITHER),
        # pictures without end
        "400 million pixels": ("a.png", png(size=(20_000, 20_000)), "file_pixels"), "48 million pixels": ("a.png", png(8000, 6000, 1, 0), "file_pixels"), "40 million pixels": ("a.png", png(8000, 5000, 1, 0), TAKEN), "one very long row": ("a.png", png(1_000_000, 1, 1, 0), "file_pixels"), "many short rows": ("a.png", png(1, 1_000_000, 1, 0), "file_pixels"),
        "endless parts": ("a.png", drawing[:33] + chunk(b"tEXt", b"k\0v") * 200_000 + between, "file_damaged"), "text bomb": ("a.png", drawing[:33] + chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(50_000_000))) + between, TAKEN), "colour bomb": ("a.png", drawing[:33] + chunk(b"iCCP", b"k\0\0" + zlib.compress(bytes(50_000_000))) + between, TAKEN),
        "endless comments": ("a.jpg", head + b"\xff\xfe\0\2" * 500_000 + tail, "file_damaged"), "endless filling": ("a.jpg", head + b"\xff" * 2_000_000 + tail, "file_damaged"), "endless scans": ("a.jpg", scans(3000), "file_damaged"), "some scans": ("a.jpg", scans(20), TAKEN),
        "where it was taken": ("a.jpg", located(), TAKEN), "page behind a picture": ("a.jpg", photo + b"<script>pwned</script>", TAKEN), "program behind a picture": ("a.png", drawing + b"MZ" + bytes(99), TAKEN), "script in a comment": ("a.png", drawing[:33] + chunk(b"tEXt", b"k\0<script>pwned</script>") + between, TAKEN),
        "wrong sum": ("a.png", drawing.replace(b"IDAT", b"IDAU"), "file_damaged"), "no size": ("a.png", png(size=(0, 0)), "file_damaged"), "size of minus one": ("a.png", png(size=(2**32 - 1, 2**32 - 1)), "file_pixels"), "palette missing": ("a.png", png(depth=3), "file_damaged"),
    }


def _filled(good, size):
    """A PDF of exactly that many bytes."""
    place = good.index(b"xref\n0")
    fill = b"%" + b"x" * (size - len(good) - 2) + b"\n"
    for _turn in range(3):  # the number at the end grows with what it says
        moved = good[:place] + fill + good[place:].replace(b"startxref\n%d\n" % place, b"startxref\n%d\n" % (place + len(fill)))
        fill = b"%" + b"x" * (len(fill) - 2 + size - len(moved)) + b"\n"
    return moved
