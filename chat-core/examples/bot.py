"""A bot in another language: it says again what follows `!echo `. Usage: python3 bot.py HOST PORT"""
import json, socket, sys

server = socket.create_connection((sys.argv[1], int(sys.argv[2]))).makefile("rw", encoding="utf-8", newline="\n")

def ask(**command):
    print(json.dumps(command), file=server, flush=True)

print("/json 1", file=server, flush=True)
while not server.readline().startswith("* JSON lines"):
    pass
ask(command="nick", name="echo-bot")
for event in map(json.loads, server):
    if event["kind"] == "said" and "own" not in event and event["text"].startswith("!echo "):
        ask(command="say", room=event["room"], text=event["text"].removeprefix("!echo "))
