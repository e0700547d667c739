"""Many at the same moment."""
import threading


def together(actions):
    """The results of all, which begin at one moment, each on a thread of its own."""
    barrier = threading.Barrier(len(actions))
    results = [None] * len(actions)
    broken = []

    def act(number, action):
        try:
            barrier.wait(60)
            results[number] = action()
        except Exception as error:  # pylint: disable=broad-except
            broken.append(error)

    threads = [threading.Thread(target=act, args=one) for one in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]
    return results
