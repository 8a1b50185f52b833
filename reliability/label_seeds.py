"""A small whole file of every form in which tools save labels, written by hand; others are made by breaking them."""

import io
import json
from collections.abc import Mapping, Sequence

ANNOTATION = {"segment": [1.0, 2.0], "label": "jump"}
DATABASE = {"version": "1.3", "database": {"v_1": {"subset": "training", "duration": 9.5, "annotations": [ANNOTATION]}}}
EGO4D = {
    "version": "1.0",
    "videos": [
        {
            "video_uid": "v",
            "split": "train",
            "clips": [
                {
                    **{"clip_uid": "c", "video_start_sec": 30.0, "video_end_sec": 510.0},
                    "annotations": [
                        {
                            "annotator_uid": "u",
                            "labels": [{"start_time": 1.0, "end_time": 3.0, "label": "clean", "primary": True}],
                        }
                    ],
                }
            ],
        }
    ],
}
VIA_PROJECT = {
    "project": {"creator": "VGG", "vid_list": ["1"]},
    "config": {},
    "attribute": {
        "1": {"aname": "ACTION", "type": 4, "options": {"0": "jump", "1": "run"}, "anchor_id": "FILE1_Z2_XY0"}
    },
    "file": {"1": {"fid": "1", "fname": "match.mp4", "type": 4, "loc": 1, "src": ""}},
    "metadata": {"1_a": {"vid": "1", "flg": 0, "z": [1.0, 2.5], "xy": [], "av": {"1": "0"}}},
    "view": {"1": {"fid_list": ["1"]}},
}
BORIS = {
    "project_format_version": "7.0",
    "behaviors_conf": {"0": {"type": "State event", "code": "dig"}, "1": {"type": "Point event", "code": "bark"}},
    "observations": {
        "pen 3": {
            "file": {"1": ["D:/pen/pigs.mp4"]},
            "type": "MEDIA",
            "time offset": 0.0,
            "media_info": {"length": {"D:/pen/pigs.mp4": 60.0}, "fps": {"D:/pen/pigs.mp4": 25.0}},
            "events": [[1.0, "sow", "dig", "", ""], [2.5, "sow", "dig", "", ""], [4.0, "sow", "bark", "", ""]],
        }
    },
}
EDITED = {
    "version": "logotal app 1",
    "videos": {
        "match": {
            **{"file": "match.mp4", "duration": 9.5, "fps": 25.0, "labelled": [[0.0, 4.0]], "ignored": [[3.0, 3.5]]},
            "actions": [{"id": "a", "start": 1.0, "end": 2.0, "label": "jump"}],
            "rejected": [{"start": 6.0, "end": 7.0, "label": "jump"}],
        }
    },
}
LABELLED = {
    **{"from_name": "l", "to_name": "v", "type": "timelinelabels"},
    "value": {"ranges": [{"start": 31, "end": 90}], "timelinelabels": ["jump"]},
}
JSON: Sequence[object] = (
    DATABASE,
    EDITED,
    EGO4D,
    VIA_PROJECT,
    BORIS,
    [{"video": "a", "fps": 50.0, "num_frames": 500, "events": [{"frame": 100, "label": "serve", "comment": ""}]}],
    {"UrlLocal": "league/match/", "annotations": [{"gameTime": "1 - 00:07", "label": "Goal", "position": "7450"}]},
    [
        {
            **{"id": 1, "data": {"video": "/data/a-match.mp4", "fps": 25}},
            "annotations": [{"result": [LABELLED]}],
        }
    ],
)

COLUMNS = (
    "narration_id,participant_id,video_id,narration_timestamp,start_timestamp,stop_timestamp,start_frame,stop_frame,"
    "narration,verb,verb_class,noun,noun_class,all_nouns,all_noun_classes"
)
AGGREGATED = (
    "Observation id,Observation date,Description,Media file,Total length,FPS,site,Subject,Behavior,"
    "Behavioral category,Modifiers,Behavior type,Start (s),Stop (s),Duration (s),Comment start,Comment stop\n"
    "pen 3,2024-03-05 09:10:11,,pigs.mp4,90.000,25.000,north,sow,dig,,,STATE,1.000,2.500,1.500,,\n"
)
VIA = (
    '# ATTRIBUTE = {"1": {"aname": "ACTION", "anchor_id": "FILE1_Z2_XY0", "type": 4, "options": {"0": "jump"}}}\n'
    "# CSV_HEADER = metadata_id,file_list,flags,temporal_coordinates,spatial_coordinates,metadata\n"
    '"1_0","[""match.mp4""]",0,"[1.0, 2.0]","[]","{""1"": ""0""}"\n'
)
LABEL_STUDIO = (
    "annotation_id,annotator,id,video,videoLabels\n"
    '1,1,1,/data/a-match.mp4,"[{""ranges"":[{""start"":31,""end"":90}],""timelinelabels"":[""jump""]}]"\n'
)
CSV = (
    "video;label;start;end\nmatch.mp4;jump;00:01.5;2,5\nmatch.mp4;run;3;4\n",
    "video,start_frame,end_frame,label,subject\na,25,50,jump,left\n",
    AGGREGATED,
    VIA,
    "trial.ordinal,trial.onset,trial.offset,trial.behavior\n1,1000,2000,jump\n2,3000,4000,run\n",
    "id,subject,scene,quality,script,actions,length\n4GP,H4,Kitchen,6,A cook.,c092 11.90 21.20;c147 0.00 12.60,24.8\n",
    ",background,groom,rear\n" + "".join(f"{i},{int(i < 9)},{int(i > 8)},{int(i > 14)}\n" for i in range(20)),
    "frame,label\n" + "".join(f"{i},{'jump' if i > 9 else 0}\n" for i in range(20)),
)
PICTURES = (
    "filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes\n"
    'a.jpg,123,"{}",1,0,"{""name"":""rect""}","{""label"":""jump""}"\n'
)
ASKS = f"{COLUMNS}\nP01_0,P01,P01_01,0:01,00:00:00.14,00:00:03.37,8,202,open it,open,3,door,3,['door'],[3]\n"
"""Of EPIC-KITCHENS: whether verbs or nouns count has to be said."""
REFUSED: Mapping[str, Sequence[str]] = {".csv": (PICTURES, ASKS, LABEL_STUDIO)}
"""Whole files that are refused: one has no times, and of the others something has to be said."""

TXT = (
    "0.5\t1.5\tjump\n2\t3.25\trun\n",
    "video_validation_1  72.8 76.4\nvideo_validation_2  44.0 50.9\n",
    "1-25 SIL  \n26-75 take_cup  \n",
    "SIL\n" * 10 + "take_cup\n" * 15,
    "0:00 Intro\n0:01 jump\n1:03 run\n",
    "Tier\tBegin Time - hh:mm:ss.ms\tBegin Time - ss.msec\tEnd Time - hh:mm:ss.ms\tEnd Time - ss.msec\t"
    "Duration - ss.msec\tAnnotation\ngesture\t00:00:01.000\t1.000\t00:00:02.000\t2.000\t1.000\tstroke\n",
)
XML = (
    '<annotation><head/><body><track name="gesture" type="primary"><el index="0" start="1.0" end="2.0">'
    '<attribute name="type">jump</attribute></el></track></body></annotation>',
    '<annotations><version>1.1</version><track id="0" label="jump"><box frame="10" outside="0" xtl="1" ytl="1" '
    'xbr="2" ybr="2"/><box frame="60" outside="1" xtl="1" ytl="1" xbr="2" ybr="2"/></track></annotations>',
)
TEXTGRID = (
    'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n10\n<exists>\n1\n"IntervalTier"\n"hand"\n0\n10\n3\n'
    '0\n1.5\n""\n1.5\n2.25\n"say ""stop"""\n2.25\n10\n""\n'
)
BENTO = (
    "Bento annotation file\nMovie file(s):\nmatch.mp4\n\nStimulus name:\nAnnotation start frame: 1\n"
    "Annotation stop frame: 180\nAnnotation framerate: 30.000000\n\nList of channels:\nch1\n\nList of annotations:\n"
    "attack\n\nch1----------\n>attack\nStart\tStop\tDuration\n30\t60\t31\n\n"
)
ELAN = """<ANNOTATION_DOCUMENT AUTHOR="" DATE="2026-01-01T00:00:00Z" FORMAT="3.0" VERSION="3.0">
<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
<MEDIA_DESCRIPTOR MEDIA_URL="file:///a/left.mp4" MIME_TYPE="video/mp4" TIME_ORIGIN="1200"/></HEADER>
<TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="1300"/><TIME_SLOT TIME_SLOT_ID="ts2"/>
<TIME_SLOT TIME_SLOT_ID="ts3" TIME_VALUE="4000"/></TIME_ORDER>
<TIER TIER_ID="phase" LINGUISTIC_TYPE_REF="t">
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">
<ANNOTATION_VALUE>stroke</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts2" TIME_SLOT_REF2="ts3">
<ANNOTATION_VALUE>hold</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
</ANNOTATION_DOCUMENT>"""

SEEDS: Mapping[str, Sequence[str]] = {
    ".csv": CSV,
    ".json": [json.dumps(each) for each in JSON],
    ".txt": TXT,
    ".xml": XML,
    ".TextGrid": [TEXTGRID],
    ".annot": [BENTO],
    ".eaf": [ELAN],
    ".vtt": ["WEBVTT\n\n00:01.000 --> 00:02.500\njump\n"],
    ".srt": ["1\n00:00:01,000 --> 00:00:02,500\njump\n"],
}
"""By the end of the name; the forms that logotal writes as well are written by it (`text_targets.timelines`)."""


def workbook() -> bytes:
    """A workbook with a table of labels in one of its two sheets."""
    import openpyxl  # noqa: PLC0415 - an extra

    book, buffer = openpyxl.Workbook(), io.BytesIO()
    for row in (["video", "label", "start", "end"], ["match.mp4", "jump", 1.5, 2.5], ["match.mp4", "run", 3, 4]):
        book.active.append(row)
    book.create_sheet("notes").append(["nothing here"])
    book.save(buffer)
    return buffer.getvalue()
