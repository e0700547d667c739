"""Real media, made on the spot: moving pictures with sound, and photos."""
import os
import subprocess
import tempfile


def video(seconds=6, size="1280x720", rate=30, name="video.mp4"):
    """The bytes of an H.264 + AAC file."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, name)
        subprocess.run(
            ["ffmpeg", "-v", "error", "-f", "lavfi", "-i",
             f"testsrc2=size={size}:rate={rate}:duration={seconds}", "-f", "lavfi", "-i",
             f"sine=frequency=440:duration={seconds}", "-c:v", "libx264", "-preset", "ultrafast",
             "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart", path], check=True)
        with open(path, "rb") as file:
            return file.read()


def photo(size="1600x1200"):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "photo.jpg")
        subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size={size}",
                        "-frames:v", "1", path], check=True)
        with open(path, "rb") as file:
            return file.read()


def play(url, rendition, *more):
    """A real player reads the rendition to its end, picture and sound: its exit code, what it
    complained of, and how many pictures it decoded."""
    done = subprocess.run(
        ["ffmpeg", "-v", "warning", "-nostdin", *more, "-i", url, "-map", f"0:v:{rendition}",
         "-map", "0:a", "-f", "null", "-progress", "pipe:1", "-"],
        capture_output=True, text=True, timeout=600, check=False)
    frames = [line for line in done.stdout.splitlines() if line.startswith("frame=")]
    return done.returncode, done.stderr, int(frames[-1][6:]) if frames else 0


def probe(data_or_url, *more):
    """ffprobe's JSON of bytes or an address."""
    import json
    arguments = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", *more]
    if isinstance(data_or_url, bytes):
        done = subprocess.run([*arguments, "-"], input=data_or_url, capture_output=True, check=True)
    else:
        done = subprocess.run([*arguments, data_or_url], capture_output=True, check=True)
    return json.loads(done.stdout)
