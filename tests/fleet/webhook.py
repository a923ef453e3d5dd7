"""A webhook on a free loopback port: writes the port to the file PORT, then each request's body, as one line, and its path and
headers to the files BODIES and HEADERS. A path /NUMBER is answered with that status, /slow after a minute."""
import http.server
import json
import sys
import time

folder = sys.argv[1]


def note(name, line):
    with open(f"{folder}/{name}", "a") as file:
        file.write(line + "\n")


class Webhook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        note("BODIES", json.dumps(json.loads(body)))
        note("HEADERS", f"{self.path} {dict(self.headers)}")
        word = self.path.split("/")[1]
        if word == "slow":
            time.sleep(60)
        self.send_response(int(word) if word.isdigit() else 200)
        self.end_headers()

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
note("PORT", str(server.server_port))
server.serve_forever()
