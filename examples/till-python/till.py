"""A till in Python, to start from: it knows its prices, also without a line, and sends its sales.

    pip install -r requirements.txt
    STORECAST_ENDPOINT=wss://… STORECAST_TOKEN=… STORECAST_MANAGEMENT_URL=https://…/ python till.py

It is spoken with in lines of JSON: {"sell": SALE}, {"ask": {"price": SKU}}, {"ask": {"offers": SKU}} and {"stop": true}.
docs/protocol.md says why it does what it does; book.py has what is kept on disk.
"""
import asyncio
import base64
import json
import os
import random
import sys
import time
import urllib.request

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from book import Book

PING_EVERY, PONG_WITHIN, ANSWER_WITHIN = 240, 20, 10
ROTATE_AFTER = 110 * 60
AWAY_AFTER_REPLACED, AWAY_AFTER_REVOKED = 600, 60
MOST_SALES, MOST_RECEIPTS, MOST_BYTES = 50, 100, 31_000


def log(text):
    print(text, file=sys.stderr, flush=True)


def say(answer):
    print(json.dumps(answer), flush=True)


def size(value):
    return len(json.dumps(value, ensure_ascii=False).encode())


def claims(token):
    """What the token says: it is a JWT, and nobody but the chain verifies it."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


class Backoff:
    """Full jitter: a random part of a bound that doubles."""

    def __init__(self, base=1, cap=60):
        self.base, self.cap, self.attempts = base, cap, 0

    def next(self):
        bound = min(self.cap, self.base * 2**self.attempts)
        self.attempts = min(self.attempts + 1, 30)
        return random.random() * bound


class Till:
    def __init__(self, url, token, management_url):
        self.url, self.management_url = url, management_url
        self.book = Book("till.db", claims(token).get("timeZone", "UTC"))
        kept = self.book.get("token")
        # The newest there is, unless somebody has given this till a newer one.
        self.token = kept if kept and claims(kept)["iat"] > claims(token)["iat"] else token
        self.name, self.lines, self.requests = f"py{random.getrandbits(32):x}", 0, 0
        self.reconnect, self.away = Backoff(), None
        self.every, self.pace_told, self.stopping = 60.0, -1e9, None
        self.ws = None

    # The line: one connection after the other.

    async def keep_line(self):
        least_wait, previous = 0, None
        while True:
            opened_at = time.monotonic()
            ws, wait = await self.open()
            if ws is None and previous is None:
                await asyncio.sleep(max(wait, least_wait))
                continue
            if ws is not None:
                least_wait = 0
                if previous is not None:
                    asyncio.ensure_future(previous.close())
            # If the next line of a rotation doesn't open, the older one is still the line.
            line, previous = ws or previous, None
            end = await self.hold(line, is_new=ws is not None)
            self.ws = None
            if end == "rotate":
                previous = line
                continue
            if time.monotonic() - opened_at >= 60:
                self.reconnect.attempts = 0
            if end == "closed":
                await asyncio.sleep(self.reconnect.next())
            else:  # shut out: the connection is of no use to anybody
                asyncio.ensure_future(line.close())
                least_wait = AWAY_AFTER_REVOKED if end == AWAY_AFTER_REVOKED else 0
                await asyncio.sleep(end)

    async def open(self):
        """A new connection, or None and how long to wait before the next attempt."""
        self.lines += 1
        headers = {"Authorization": f"Bearer {self.token}", "Storecast-Line": f"{self.name}-{self.lines}"}
        try:
            options = {"additional_headers": headers, "open_timeout": 30, "close_timeout": 5}
            # The chain is asked by frames of ours: the gateway counts only those.
            return await connect(self.url, ping_interval=None, compression=None, max_size=None, proxy=None, **options), 0
        except InvalidStatus as error:
            status = error.response.status_code
            log(f"refused with {status}" + (": the token is no good" if status == 401 else ""))
            return None, max(self.reconnect.next(), 60 if status == 403 else 0)
        except (OSError, TimeoutError, InvalidHandshake) as error:
            log(f"no line: {error!r}")
            return None, self.reconnect.next()

    async def hold(self, ws, is_new):
        """Speaks on a line until it ends: "closed", "rotate", or the seconds to stay away."""
        now = time.monotonic()
        self.ws = ws
        self.rotate_at = now + ROTATE_AFTER * random.uniform(0.95, 1.05) if is_new else now + 60
        if is_new:
            self.early, self.overtaking, self.rebuild, self.question = [], [], None, None
            self.pinged_at, self.ping_at, self.pings = None, now + PING_EVERY, {}
            self.gap_at, self.fruitless = None, 0
            # What was sent on another line may be lost: all of it goes at once.
            self.resting, self.flying, self.next_frame_at, self.hurry = {}, {}, 0, True
            self.limit, self.plain, self.repeat, self.errors, self.away = MOST_SALES, False, Backoff(), 0, None
            self.book.drop_whole()
            await self.sync({"positions": self.book.positions} if self.book.positions else {})
        while True:
            try:
                try:
                    text = await asyncio.wait_for(ws.recv(), 0.1)
                    await self.receive(text)
                except TimeoutError:
                    pass
                if self.away is not None:
                    return self.away
                await self.tick()
            except ConnectionClosed:
                return "closed" if self.away is None else self.away
            now = time.monotonic()
            if self.pinged_at is not None and now > self.pinged_at + PONG_WITHIN:
                log("nobody answers")
                ws.transport.abort()
                return "closed"
            if now > self.rotate_at:
                return "rotate"

    async def send(self, frame):
        self.requests += 1
        name = f"r{self.requests}"
        await self.ws.send(json.dumps({**frame, "requestId": name}, ensure_ascii=False))
        return name

    async def ping(self):
        if self.pinged_at is None:
            self.pinged_at = time.monotonic()
            self.pings = {await self.send({"action": "ping"}): self.pinged_at}

    async def tick(self):
        now = time.monotonic()
        if now > self.ping_at:
            await self.ping()
        if self.question and now > self.question["repeat_at"]:
            if self.question["unanswered"]:
                await self.ping()
            await self.ask()
        if self.question is None and self.book.has_gap():
            self.gap_at = self.gap_at or now + random.uniform(1, 5) * 2 ** min(self.fruitless, 6)
            if now > self.gap_at:
                self.gap_at, self.fruitless = None, self.fruitless + 1
                await self.sync({"positions": self.book.positions})
        elif self.question is None:
            self.gap_at, self.fruitless = None, 0
        for name, flight in list(self.flying.items()):
            if now > flight["until"]:
                del self.flying[name]
                await self.ping()
        await self.report()

    # What was missed.

    async def sync(self, place):
        self.overtaking = self.overtaking if self.rebuild else []
        self.question = {"place": place, "names": {}, "backoff": Backoff()}
        await self.ask()

    async def ask(self):
        question, now = self.question, time.monotonic()
        question["repeat_at"], question["unanswered"] = now + ANSWER_WITHIN + question["backoff"].next(), True
        question["names"][await self.send({"action": "sync", **question["place"]})] = now

    async def synced(self, frame):
        question, book = self.question, self.book
        if question is None or frame.get("requestId") not in question["names"]:
            return  # an answer to nobody's question
        self.question = None
        book.measure(question["names"][frame["requestId"]], frame["serverTime"])
        updates, positions, more = frame["updates"], frame.get("positions"), frame["more"]
        if not frame["recovered"] and (frame.get("first") or self.rebuild != "state"):
            self.begin_whole("state", [])
        elif self.rebuild is None and book.positions and set(positions) != set(book.positions):
            self.begin_whole("moved", list(positions))
            return await self.sync({"positions": {}})
        if self.rebuild is None:
            book.take_page(updates, positions)
            if more:
                return await self.sync({"positions": book.positions})
        else:
            book.add_to_whole(updates)
            if more:
                return await self.sync({"cursor": frame["cursor"]} if "cursor" in frame else {"positions": positions})
            book.commit_whole(positions)
            self.rebuild = None
        for update in self.early:
            book.take(update)
        self.early, self.overtaking = [], []

    def begin_whole(self, why, kept):
        self.rebuild = why
        self.book.begin_whole(kept)
        self.book.add_to_whole(self.overtaking, is_posted=True)

    def posted(self, update):
        self.overtaking.append(update)
        if not self.book.positions or not self.book.is_measured:
            self.early.append(update)  # whether it is over can't be told yet
            return
        if self.book.take(update) == "seen":
            self.resting.pop(update["id"], None)  # perhaps its receipt was lost
        if self.rebuild:
            self.book.add_to_whole([update], is_posted=True)
        if update.get("receipts") == "now":
            self.hurry = True

    # What the chain says.

    async def receive(self, text):
        now = time.monotonic()
        if self.pinged_at is not None:
            self.pinged_at = now  # some frame came: the line lives
        try:
            frame = json.loads(text)
            kind = frame.get("type")
            if kind == "update":
                self.posted(frame)
            elif kind == "synced":
                await self.synced(frame)
            elif kind == "closing":
                self.closing(frame.get("reason"), frame.get("by"))
            elif kind == "error":
                self.answered(now)
                await self.refused(frame)
            elif kind in ("pong", "report.accepted", "sales.accepted", "applied.accepted"):
                self.answered(now)
                self.accepted(frame)
                await self.heard(frame)
            elif kind == "pace":
                self.every, self.pace_told, self.hurry = frame["reportEveryMs"] / 1000, now, True
            elif kind is None and "connectionId" in frame:  # the gateway's own error
                self.answered(now)
                for name in list(self.flying):
                    self.again(name)
            if kind in ("pong", "synced", "report.accepted"):
                self.pace(frame.get("reportEveryMs"))
                self.book.locate(frame.get("timeZone"))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log(f"passed over a frame that can't be read: {error!r}")

    def answered(self, now):
        self.pinged_at, self.ping_at = None, now + PING_EVERY

    def pace(self, every_ms):
        if every_ms and (every_ms / 1000 <= self.every or time.monotonic() > self.pace_told + 3):
            self.every = every_ms / 1000

    async def heard(self, frame):
        positions, asked_at = frame.get("positions"), self.pings.pop(frame.get("requestId"), None)
        if asked_at is not None:
            self.book.measure(asked_at, frame["serverTime"])
        if not isinstance(positions, dict) or not self.book.positions or self.question:
            return
        if set(positions) != set(self.book.positions):
            await self.sync({"positions": self.book.positions})  # the store has moved
        else:
            self.book.hear(positions)

    def closing(self, reason, by):
        if reason == "revoked":
            self.away = AWAY_AFTER_REVOKED
        elif reason == "replaced" and not (by or "").startswith(f"{self.name}-"):
            log("another device speaks for this store now")
            self.away = AWAY_AFTER_REPLACED

    # What the till says: sales and receipts, each again until it is answered by name.

    async def report(self):
        now = time.monotonic()
        is_watched = self.every <= 5
        is_due = self.hurry or is_watched or self.stopping
        if not is_due:  # at rest: once an interval, at a moment of its own
            is_due = int(now / self.every + self.phase) != int(self.reported_at / self.every + self.phase)
        if now < self.next_frame_at or not is_due:
            return
        sales = [] if self.plain and self.take_receipts(now, 0) and self.requests % 2 else self.take_sales(now)
        # After a frame that was refused, what spoils it is looked for among its sales.
        is_apart = sales and (self.plain or self.limit < MOST_SALES)
        receipts = [] if is_apart else self.take_receipts(now, sum(size(sale) for _, sale in sales))
        self.reported_at = now
        if not sales and not receipts:
            self.hurry = False
            return
        frame = {"action": "report", "sales": [sale for _, sale in sales], "positions": self.book.positions}
        frame["updates"] = [receipt for receipt in receipts if "appliedAt" in receipt]
        frame["rejected"] = [receipt for receipt in receipts if "reason" in receipt]
        if self.plain and sales:
            frame = {"action": "sales", "sales": frame["sales"]}
        elif self.plain:
            frame = {**frame, "action": "applied"}
            del frame["sales"]
        rest = now + ANSWER_WITHIN + self.repeat.next()
        keys = [key for key, _ in sales] + [receipt["id"] for receipt in receipts]
        self.resting.update({key: rest for key in keys})
        self.next_frame_at = now + 1
        name = await self.send(frame)
        self.flying[name] = {"until": rest, "sales": sales, "keys": keys, "action": frame["action"]}

    def take_sales(self, now):
        taken, ids, left = [], set(), MOST_BYTES
        for key, sale in self.book.sales():
            if sale["saleId"] in ids:
                continue  # of another till: the answer would not tell them apart
            left -= size(sale) + 2
            if len(taken) == self.limit or (left < 0 and taken):
                break
            if self.resting.get(key, 0) <= now:
                taken.append((key, sale))
                ids.add(sale["saleId"])
        return taken

    def take_receipts(self, now, used):
        taken, left = [], MOST_BYTES - used - 1_000
        for receipt in self.book.receipts():
            if self.resting.get(receipt["id"], 0) > now:
                continue
            left -= size(receipt) + 2
            if len(taken) == MOST_RECEIPTS or left < 0:
                break
            taken.append(receipt)
        return taken

    def accepted(self, frame):
        flight = self.flying.pop(frame.get("requestId"), None)
        self.book.receipts_accepted(frame.get("ids", []))
        if flight is None:
            return
        self.repeat.attempts, self.errors = 0, 0
        self.limit, self.next_frame_at = min(MOST_SALES, 2 * self.limit), 0
        keys = {sale["saleId"]: (key, sale) for key, sale in flight["sales"]}
        self.book.sales_accepted([keys[one][0] for one in frame.get("saleIds", []) if one in keys])
        for refusal in frame.get("rejected", []):
            key, sale = keys.get(refusal["saleId"], (None, None))
            if key is None:
                continue
            if refusal["code"] == "sold_in_future":
                due_in = Book.ms(sale["soldAt"]) / 1000 - self.book.now() - 15 * 60
                self.resting[key] = time.monotonic() + max(due_in, 1 + self.repeat.next())
            else:
                log(f"sale {refusal['saleId']} was refused: {refusal['code']} {refusal['message']}")
                self.book.sale_refused(key, refusal["code"])

    def again(self, name, wait=None):
        """What was in this frame goes again: a second later, then twice that."""
        flight = self.flying.pop(name)
        if wait is None:
            wait, self.errors = min(60, 2**self.errors), self.errors + 1
        until = time.monotonic() + wait
        self.resting.update({key: until for key in flight["keys"]})
        self.next_frame_at, self.hurry = until, True

    async def refused(self, frame):
        name, code = frame.get("requestId"), frame["code"]
        log(f"error {code}: {frame.get('message')}")
        if code == "forbidden":
            self.away = AWAY_AFTER_REVOKED
        elif self.question and name in self.question["names"]:
            if code == "invalid_frame" and "cursor" in self.question["place"]:
                self.rebuild = None
                self.book.drop_whole()
                await self.sync({"positions": self.book.positions})
            else:
                self.question["repeat_at"] = time.monotonic() + 1 + self.question["backoff"].next()
                self.question["unanswered"] = False
        elif name in self.flying:
            sales = self.flying[name]["sales"]
            if code == "unknown_action":
                self.plain = True  # an older chain
                self.again(name, 0)
            elif code != "invalid_frame":
                self.again(name)
            elif len(sales) == 1:
                self.book.sale_refused(sales[0][0], code)
                self.again(name, 0)
            elif sales:  # one of them spoils the frame: half of it may pass
                self.limit = max(1, len(sales) // 2)
                self.again(name, 0)

    # The token: a fresh one at half of its life.

    async def keep_token(self):
        backoff, not_before = Backoff(30, 3600), 0
        while True:
            await asyncio.sleep(0.25)
            renew_at = self.book.get("renewAt") if self.token == self.book.get("token") else None
            if renew_at is None:
                renew_at = (claims(self.token)["iat"] + claims(self.token)["exp"]) / 2
            if self.book.now() < renew_at or time.monotonic() < not_before:
                continue
            try:
                answer = await asyncio.to_thread(self.fetch_token)
                self.book.put(token=answer["token"], renewAt=Book.ms(answer["renewAt"]) / 1000)
                self.token = answer["token"]
                backoff.attempts = 0
            except (OSError, ValueError, KeyError) as error:
                log(f"the token was not renewed: {error!r}")
                not_before = time.monotonic() + backoff.next()

    def fetch_token(self):
        headers = {"Authorization": f"Bearer {self.token}"}
        question = urllib.request.Request(f"{self.management_url}token", method="POST", headers=headers)
        with urllib.request.urlopen(question, timeout=30) as answer:
            return json.load(answer)

    # Whoever uses the till.

    async def listen(self):
        lines = asyncio.StreamReader(limit=2**20)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        while line := await lines.readline():
            request = json.loads(line)
            if "sell" in request:
                self.book.sell(request["sell"])
                say({"sold": request["sell"]["saleId"]})
            elif "price" in request.get("ask", {}):
                say({"price": self.book.price(request["ask"]["price"])})
            elif "offers" in request.get("ask", {}):
                say({"offers": self.book.offers(request["ask"]["offers"])})
            elif "stop" in request:
                break
        # What waits goes now; whatever isn't answered within two seconds goes after the next start.
        self.stopping = True
        for _ in range(20):
            if self.ws is None or self.book.has_nothing_to_say():
                break
            await asyncio.sleep(0.1)
        if self.ws is not None:
            await asyncio.wait_for(self.ws.close(), 2)

    async def run(self):
        self.phase, self.reported_at = random.random() / 2, time.monotonic()
        work = [asyncio.create_task(task) for task in (self.keep_line(), self.keep_token(), self.listen())]
        done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()  # a fault of the till itself ends it


if __name__ == "__main__":
    till = Till(*(os.environ[f"STORECAST_{name}"] for name in ("ENDPOINT", "TOKEN", "MANAGEMENT_URL")))
    asyncio.run(till.run())
