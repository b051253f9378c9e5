"""Carries the packets of hosts to each other over slow links.

python3 link.py <bits a second> <seconds> <namespace> <address> [<namespace> <address> ...]

Each host sends so many bits a second, and each packet arrives so much later. It is what tc's tbf and netem do, which
not every kernel has. It says "ready" once the hosts can send, and ends when its input does.
"""
import ctypes
import fcntl
import heapq
import os
import select
import struct
import subprocess
import sys
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
CLONE_NEWNET = 0x40000000
LARGEST = 60_000  # bytes of a packet: large ones, so that there are few
AHEAD = 0.01  # seconds of packets that a link holds; the others wait in their host

libc = ctypes.CDLL(None, use_errno=True)


def tunnel(namespace: str, address: str) -> int:
    """The device of a host through which its packets come and go."""
    with open(f"/run/netns/{namespace}") as place:
        if libc.setns(place.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", b"eth0", IFF_TUN | IFF_NO_PI))
    for words in (f"address add {address}/24 dev eth0", f"link set eth0 mtu {LARGEST} up"):
        subprocess.run(["ip", *words.split()], check=True)
    return device


bits, delay = float(sys.argv[1]), float(sys.argv[2])
hosts = dict(zip(sys.argv[3::2], sys.argv[4::2]))
devices = {bytes(map(int, address.split("."))): tunnel(name, address) for name, address in hosts.items()}
free = {device: 0.0 for device in devices.values()}  # when each link has sent what it holds
on_way: list[tuple[float, int, int, bytes]] = []  # when a packet arrives, its number, where, and itself
number = 0
os.nice(-10)
print("ready", flush=True)
while True:
    now = time.monotonic()
    while on_way and on_way[0][0] <= now:
        _, _, device, packet = heapq.heappop(on_way)
        os.write(device, packet)
    idle = [device for device, until in free.items() if until < now + AHEAD]
    wake = min([until - AHEAD for until in free.values() if until >= now + AHEAD] + [due for due, *_ in on_way[:1]], default=None)
    readable, _, _ = select.select([sys.stdin, *idle], [], [], None if wake is None else max(0, wake - now))
    if sys.stdin in readable:
        break
    for device in readable:
        packet = os.read(device, LARGEST)
        target = devices.get(packet[16:20])
        if packet[0] >> 4 == 4 and target is not None:
            free[device] = max(free[device], time.monotonic()) + 8 * len(packet) / bits
            number += 1
            heapq.heappush(on_way, (free[device] + delay, number, target, packet))
