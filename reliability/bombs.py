"""Hostile inputs written by hand: what chance would not find in a million mutations, by kind of file."""

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Sequence

DEEP = 100_000
"""Levels of nesting, and letters of what takes quadratic time."""


def of_json(around: str) -> Sequence[bytes]:
    """JSON that is nested, numbered, named and encoded beyond reason, bare and within the text `around`."""
    inner = [
        "[" * DEEP,
        "[" * DEEP + "]" * DEEP,
        '{"a":' * DEEP + "1" + "}" * DEEP,
        "[" * 900 + "]" * 900,
        "[" * 980 + "]" * 980,
        "9" * 5000,
        "9" * 400,
        "1e400",
        "NaN",
        '"\\ud800"',
        '{"\\udc80": []}',
        '{"a": 1, "a": 2}',
        "{" + ",".join(f'"{i}":[]' for i in range(20_000)) + ',"0":[]}',
        '"\0"',
        '{"' + "x" * 10**6 + '": [{"segment": [0, 1], "label": "a", "score": 1}]}',
        "[" + "[]," * 10**5 + "[]]",
        "null",
        "",
    ]
    texts = [each for text in inner for each in (text, around % text)]
    bare = [b"\xff\xfe", b"\xfe\xff\0", b"\xef\xbb\xbf", b"\xef\xbb\xbf{}", b"\0" * 1000, '{"ä": 1}'.encode("utf-16")]
    return [text.encode() for text in texts] + bare


def of_gzip() -> Sequence[bytes]:
    """Files of a few megabytes that unpack to gigabytes, in one member or many, and gzip that is none."""
    million = gzip.compress(b" " * 2**24, mtime=0)
    return [million * 200, gzip.compress(million * 100, mtime=0), b"\x1f\x8b", gzip.compress(b"")[:-4] + b"\xff" * 4]


MORE: dict[str, Sequence[str]] = {
    ".vtt": ["WEBVTT\n\nSTYLE\nx\n\n1\n00:01.000 --> 00:02.000\n<b>jump</b> &amp; run 0.5\n"],
    ".txt": ["1,5\t2,5\tjump\n\\\t100\t200\n3\t3\trun\n"],
    ".via.csv": [
        "# CSV_HEADER = metadata_id,file_list,temporal_segment_start,temporal_segment_end,metadata\n"
        '"1","[""a.mp4""]",1.5,2,"{""TEMPORAL-SEGMENTS"":""1""}"\n'
    ],
    ".labelstudio.json": [
        '[{"data": {"video_url": "a.mp4"}, "annotations": [{"result": [{"type": "labels", '
        '"value": {"start": 1, "end": 2, "labels": ["jump"]}}]}]}]'
    ],
    ".fiftyone.json": ['{"labels": {"a": [{"label": "jump", "timestamps": [0, 1]}], "b": null}}'],
}
"""Further whole files, in the forms that other programs write."""


def of_text(suffix: str) -> Sequence[bytes]:
    """Text that is long, deep or misleading in the format of a suffix, and text that is none."""
    stamp = "00:00:01.000 --> 00:00:02.000"
    texts: dict[str, Sequence[str]] = {
        ".vtt": [
            f"WEBVTT\n\n{stamp}\n" + "<" * DEEP,
            f"WEBVTT\n\n{stamp}\n" + "<a" * DEEP + ">",
            f"WEBVTT\n\n{stamp}\n&#" + "9" * 5000 + ";",
            f"WEBVTT\n\n{'9' * 5000}:00:00.000 --> {'9' * 400}:00:00.000\nx",
            "WEBVTT\n\nNOTE " + "[" * DEEP + f"\n\n{stamp}\nx",
            'WEBVTT\n\nNOTE {"video": "a", "duration": ' + "9" * 400 + "}",
            'WEBVTT\n\nNOTE {"video": "a\\ud800", "duration": NaN}',
            f"WEBVTT\n\n{stamp}\njump " + "9" * 400,
            "WEBVTT\n\n" + " " * DEEP + "x\n" + "1:" * DEEP,
        ],
        ".srt": [f"1\n{'9' * 400}:00:00,000 --> 00:00:01,000\nx", f"1\n{stamp}\nx " + "9" * 400, "\n" * DEEP],
        ".txt": ["1\t" + "9" * 400 + "\tx", "nan\t1\tx", "\t" * DEEP, "\\" * DEEP],
        ".csv": [
            "label,start,end,video\na,1,2\n",
            "video,start,end,label\n" + '"' * DEEP,
            "video,start,end,label\nv,1,2," + "x" * 200_000,
            "video,video,start,end,label\na,b,1,2,x\n",
            "," * DEEP,
            "video,start,end,label\na,1_0,1e400,x\n",
        ],
        ".via.csv": ["# ATTRIBUTE = " + "[" * DEEP, "# CSV_HEADER = " + "," * DEEP + "\n1,2", '"' * DEEP],
        ".eaf": [
            '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
            + "".join(f'<!ENTITY {"abcdefghij"[i]} "{("&" + "abcdefghij"[i - 1] + ";") * 10}">' for i in range(1, 10))
            + "]><x>&j;</x>",
            '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
            '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
            "<a>" * DEEP,
            "<a>" * DEEP + "</a>" * DEEP,
            '<?xml version="1.0" encoding="utf-7"?><a/>',
            "<a " + " ".join(f'a{i}=""' for i in range(20_000)) + "/>",
        ],
    }
    bare = [b"", b"\0" * 1000, b"\xff\xfe\0", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\r" * DEEP]
    return [text.encode() for text in texts[suffix]] + bare


def of_npy() -> Sequence[bytes]:
    """Headers that claim too much, or are programs rather than headers."""
    shapes = (
        "(10**12, 4)",
        "(1000000000000, 4)",
        f"({2**62}, 4)",
        f"({2**63}, 4)",
        f"({10**40}, 4)",
        "(-1, 4)",
        "(0, 9)",
    )
    headers = [
        f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}}}\n" for shape in (*shapes, "(True, True)", "()")
    ]
    headers += [
        headers[1].replace("'<f4'", kind) for kind in ("'|O'", "'f4,,,f4'", "('<f4', (1000000000,))", "'|V999999999'")
    ]
    headers += [
        "(" * 9000,
        "-" * 9000 + "1",
        "[" * 150 + "]" * 150,
        "__import__('os').mkdir('ran')",
        "{1: 2}\n",
        "{}",
        "",
    ]
    made = [b"\x93NUMPY\x01\0" + struct.pack("<H", len(text)) + text.encode() + b"\0" * 64 for text in headers]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.npy", made[0])
    long = b"\x93NUMPY\x02\0" + struct.pack("<I", 2**32 - 1) + b"{"
    return [*made, long, b"PK\x03\x04" + b"x" * 50, b"PK\x05\x06" + b"\0" * 18, archive.getvalue(), b"\x80\x04N.", b""]


SOUND_YAML = [
    b"model: {head: trident, logo: {kernel: [3, 5]}}\ndata: {crop: null, exclude: [a, b]}\n",
    b"training:\n  epochs: 50\n",
]


def of_yaml() -> Sequence[bytes]:
    """YAML whose aliases multiply, whose tags name programs, and whose values break the code that makes them."""
    laughs = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40))
    texts = [
        laughs,
        laughs.replace("\n", ", ").join("{}") + "\n",
        "- " + laughs.replace("\n", "\n  "),
        "&a [*a]",
        "a: &a {b: *a}",
        "[" * 5000,
        "- " * 5000,
        "!!python/object/apply:os.mkdir [ran]",
        "!!python/name:os.system",
        "!!timestamp x",
        "!!bool x",
        "!!int ''",
        "!!binary '%'",
        "data: {fps: 2001-99-99}",
        "data: {fps: " + "9" * 5000 + "}",
        "model: {width: " + "9" * 400 + "}",
        "? [a]\n: b",
        "? {a: b}\n: b",
        "{[a]: b}",
        "1: 2\n~: 3",
        'data: {features: "a\\0b"}',
        'data: {features: "\\ud800"}',
        "data: {features: " + "x" * 300 + "}",
        "model: {logo: {kernel: [[1]], x: 1}}",
        "model: {attention: 3}",
        "data: {fold: [1, 2, 3]}",
        "<<: {a: 1}\n<<: {b: 2}",
        "a: b\na: c",
        "x" * 2 * 2**20,
        "---\na: 1\n---\nb: 2",
        "%YAML 9.9\n---\na: 1",
    ]
    return [*(text.encode() for text in texts), b"\xff\xfe", b"\0", b"\xed\xa0\x80", b""]


def of_checkpoint() -> Sequence[bytes]:
    """Archives of torch that are compressed, or whose pickle asks for memory by a number."""
    hungry = b"\x80\x02c__builtin__\nbytearray\nJ\xff\xff\xff\x7f\x85R."
    huge = b"\x80\x02}q\0X\x01\0\0\0aq\x01ctorch\nTensor\n(J\xff\xff\xff\x7fJ\xff\xff\xff\x7ftq\x02Rs."
    made = []
    for content, method, padding in (
        (hungry, zipfile.ZIP_STORED, 0),
        (huge, zipfile.ZIP_STORED, 0),
        (huge, zipfile.ZIP_DEFLATED, 2**26),
    ):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", method) as file:
            file.writestr("archive/data.pkl", content)
            file.writestr("archive/byteorder", b"little")
            file.writestr("archive/version", b"3\n")
            file.writestr("archive/data/0", b"\0" * padding)
        made.append(buffer.getvalue())
    return [*made, hungry, huge, b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18, b"\x80\x02.", b""]


def of_pickle() -> Sequence[bytes]:
    """Pickles that grow in the reader, or out of dicts that stand in each other."""
    doubled = b"\x80\x02}q\0" + b"".join(
        b"}(X\x01\0\0\0ah" + bytes([i]) + b"X\x01\0\0\0bh" + bytes([i]) + b"uq" + bytes([i + 1]) for i in range(40)
    )
    return [
        b"\x80\x02Nr\xff\xff\xff\x7f.",
        b"\x80\x02Np2147483647\n.",
        b"\x80\x05\x96" + struct.pack("<Q", 2**40) + b"x.",
        b"\x80\x04\x8e" + struct.pack("<Q", 2**40) + b"x.",
        doubled + b".",
        b"\x80\x02]q\0h\0a.",
        b"\x80\x02}q\0X\x01\0\0\0ah\0s.",
        b"(" * 10**5,
        b"cos\nsystem\n(S'touch ran'\ntR.",
        b"",
    ]


PUBLISHED = json.dumps(
    {
        "dataset": {"num_classes": 20, "input_dim": 2048, "feat_stride": 4, "num_frames": 16, "crop_ratio": [0.9, 1.0]},
        "model": {"n_mha_win_size": 19, "embd_dim": 512, "use_abs_pe": False, "assigner": {"center_radius": 1.5}},
        "opt": {"learning_rate": 0.0001, "epochs": 30, "weight_decay": 0.05},
        "loader": {"batch_size": 2, "num_workers": 4},
        "train_cfg": {"init_loss_norm": 100, "clip_grad_l2norm": 1.0},
        "test_cfg": {"voting_thresh": 0.7, "pre_nms_topk": 2000, "nms_method": "soft"},
    },
    indent=1,
).encode()
"""A published YAML, which JSON is too."""


def of_video() -> Sequence[bytes]:
    """What FFmpeg would follow to other files or addresses, or draw from text."""
    texts = [
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile /etc/passwd\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period/></MPD>',
        "plain text\n" * 100,
    ]
    return [*(text.encode() for text in texts), b"", b"\0" * 1000, b"\0\0\0\x01ftyp", b"RIFF\xff\xff\xff\xffAVI LIST"]
