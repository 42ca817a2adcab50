"""A bot in another language: it says again what follows `!echo `. Usage: python3 bot.py HOST PORT"""
import json, socket, sys

server = socket.create_connection((sys.argv[1], int(sys.argv[2])))
lines = server.makefile("r", encoding="utf-8", newline="\n")
def ask(**command):
    server.sendall(json.dumps(command).encode() + b"\n")

server.sendall(b"/json 1\n")
while not lines.readline().startswith("* JSON lines"):
    pass
ask(command="nick", name="echo-bot")
for event in map(json.loads, lines):
    if event["kind"] == "said" and "own" not in event and event["text"].startswith("!echo "):
        ask(command="say", room=event["room"], text=event["text"].removeprefix("!echo "))
