"""Films with sound and photos, made on the spot by ffmpeg: no media file is kept in the repository."""
import subprocess

STALL_SECONDS = 1800


class FilmError(Exception):
    """ffmpeg could not make it."""


def chords(root, seconds_each=2):
    """An expression of sound: four chords over and over, each note fading from its beginning.

    root: the frequency of the key in Hz. The chords are I, vi, IV and V, of three notes each.
    """
    progression = ((0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14))
    turn = f"mod(floor(t/{seconds_each}),{len(progression)})"
    parts = []
    for number, notes in enumerate(progression):
        tones = "+".join(f"sin(2*PI*{root * 2 ** (note / 12):.3f}*t)" for note in notes)
        parts.append(f"eq({turn},{number})*({tones})")
    return f"0.16*exp(-1.2*mod(t,{seconds_each}))*({'+'.join(parts)})"


def _run(arguments, what, seconds, show):
    """Runs ffmpeg; show(percent) follows it."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-progress", "pipe:1", *arguments]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:
        try:
            for line in process.stdout:
                name, _, value = line.strip().partition("=")
                if name == "out_time_us" and value.lstrip("-").isdigit():
                    show(max(0, min(100, int(int(value) / 10_000 / seconds))))
            errors = process.stderr.read()
            code = process.wait(STALL_SECONDS)
        except BaseException:
            process.kill()
            raise
    if code != 0:
        raise FilmError(f"ffmpeg ended with {code} at {what}: {errors.strip()[-500:]}")


def film(work, path, is_short, show):
    """Encodes a work of content.py as H.264 and AAC."""
    seconds = work.seconds
    if is_short:
        seconds = 6 if seconds >= 60 else 2
    size = "640x360" if is_short else work.size
    width, height = size.split("x")
    picture = f"{work.source},scale={width}:{height}:flags={work.scaling},format=yuv420p"
    sound = f"aevalsrc='{chords(work.root)}':s=44100"
    _run(["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, "-t", str(seconds),
          "-c:v", "libx264", "-preset", "ultrafast", "-crf", "26", "-maxrate", "8M",
          "-bufsize", "16M", "-c:a", "aac", "-b:a", "96k",
          "-movflags", "+faststart", str(path)], work.name, seconds, show)


def photo(work, path, show):
    """The first frame of the source."""
    _run(["-f", "lavfi", "-i", work.source, "-frames:v", "1", "-q:v", "3", str(path)], work.name, 1,
         show)
