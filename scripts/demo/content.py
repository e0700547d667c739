"""The demo's world: who they are, what they show, and what they do. Money is in cents of USD."""
import dataclasses

# username → price of a subscription for 30 days; 0 is a free follow
CREATORS = {"mira.films": 999, "otto.lab": 499, "nia.photo": 0}
# username → what staff deposit, in dollars as the command line takes them
FANS = {"ana": "100.00", "ben": "60.00", "cleo": "40.00", "dan": "15.00"}


@dataclasses.dataclass(frozen=True)
class Work:
    """A film, or a photo, and the post that shows it."""

    name: str
    author: str
    caption: str
    source: str          # a picture source of ffmpeg
    price: int = 0       # 0: free to see
    seconds: int = 8     # of a film
    size: str = "1280x720"
    scaling: str = "bicubic"
    root: float = 220.0  # the key of the film's music, in Hz
    is_photo: bool = False


WORKS = (
    Work("colour-clock", "otto.lab", "The colour clock: a test card that counts, with a tune",
         "testsrc2=s=1280x720:rate=30", seconds=8, root=261.63),
    Work("life", "otto.lab", "A season of Life: cells are born, grow old and turn to mould",
         "life=s=320x180:mold=12:rate=30:ratio=0.12:seed=7:death_color=0x602020:"
         "life_color=0x40e0a0:mold_color=0x101840", 450, 10, scaling="neighbor", root=196.0),
    Work("dusk", "mira.films", "Dusk, a small film of drifting colour",
         "gradients=s=640x360:rate=30:nb_colors=5:speed=0.02:seed=11", seconds=8, root=174.61),
    Work("valley", "mira.films", "Into the Mandelbrot valley: a minute of falling, in full HD",
         "mandelbrot=s=960x540:rate=30:maxiter=400:end_pts=1800:end_scale=0.0008", 1200, 60,
         "1920x1080", root=146.83),
    Work("automaton", "nia.photo", "Rule 110 at work: how the pictures here are made",
         "cellauto=s=320x180:rate=30:rule=110:seed=5", seconds=6, scaling="neighbor", root=220.0),
    Work("shore", "nia.photo", "The shore of the Mandelbrot set", "mandelbrot=s=1600x1200:maxiter=500",
         is_photo=True),
    Work("carpet", "nia.photo", "Sierpinski's carpet, worn thin by walking",
         "sierpinski=s=1600x1200:seed=3", 200, is_photo=True),
    Work("nebula", "mira.films", "From the shooting of Dusk: a still",
         "gradients=s=1600x900:nb_colors=7:seed=23", 150, is_photo=True),
)

# (fan, creator)
SUBSCRIPTIONS = (("ana", "mira.films"), ("ben", "otto.lab"), ("cleo", "nia.photo"),
                 ("dan", "nia.photo"))
# (fan, name of the work)
PURCHASES = (("ben", "valley"), ("cleo", "life"), ("cleo", "carpet"), ("dan", "nebula"))
# (fan, creator, amount, note, name of the work or None)
TIPS = (("ana", "mira.films", 500, "For the minute of falling. I held on to my chair.", "valley"),
        ("ben", "otto.lab", 333, "Rent for the cells", "life"),
        ("cleo", "nia.photo", 250, "", "carpet"),
        ("dan", "otto.lab", 100, "I set my watch by this", None))
# (person, name of the work)
LIKES = (("ana", "valley"), ("ben", "valley"), ("ana", "dusk"), ("cleo", "dusk"), ("dan", "dusk"),
         ("ben", "life"), ("cleo", "life"), ("dan", "colour-clock"), ("ana", "shore"),
         ("cleo", "shore"), ("cleo", "carpet"), ("otto.lab", "valley"), ("nia.photo", "life"))
# (person, name of the work, text): whoever may see the work may speak about it
COMMENTS = (("ana", "valley", "The third spiral at half a minute is the best part."),
            ("ben", "valley", "Worth buying for the sound alone."),
            ("mira.films", "valley", "Thank you! A longer one is being rendered."),
            ("cleo", "dusk", "I fell asleep to this, in the best way."),
            ("dan", "colour-clock", "It is four seconds past four, I believe it."),
            ("ben", "life", "The glider at the lower left made it!"),
            ("cleo", "life", "I counted eleven generations of mould."),
            ("ana", "shore", "Which zoom is this?"),
            ("nia.photo", "shore", "None at all: the whole of it."),
            ("cleo", "carpet", "Printed, framed, on the wall."))
# (from, to, text), in this order: a subscriber writes first
MESSAGES = (("ana", "mira.films", "Hello Mira, will the valley get a second part?"),
            ("mira.films", "ana", "It will: the same fall, seen from below. In two weeks."),
            ("ana", "mira.films", "Then I stay subscribed."),
            ("ben", "otto.lab", "Which rule do your cells live by?"),
            ("otto.lab", "ben", "Conway's, B3/S23. The mould is mine."))


def people():
    """(username, role) of all."""
    return [(name, "creator") for name in CREATORS] + [(name, "fan") for name in FANS]
