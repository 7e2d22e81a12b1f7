"""What the till keeps on disk: prices, offers, receipts, sales, where it stands, and the chain's time. One SQLite file:
whatever belongs together changes in one transaction, so a kill at any point is harmless."""
import json
import sqlite3
import time
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

SCHEMA = """
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS entries (whole INT, id TEXT, item TEXT, frame TEXT, price TEXT, PRIMARY KEY (whole, id, item));
CREATE INDEX IF NOT EXISTS entries_by_item ON entries (whole, item);
CREATE TABLE IF NOT EXISTS withdrawn (id TEXT, sku TEXT, at REAL, PRIMARY KEY (id, sku));
CREATE TABLE IF NOT EXISTS receipts (whole INT, id TEXT, receipt TEXT, PRIMARY KEY (whole, id));
CREATE TABLE IF NOT EXISTS sales (key INTEGER PRIMARY KEY AUTOINCREMENT, sale TEXT, refused TEXT);
"""
KINDS = "price.changed", "price.withdrawn", "offer.published", "offer.withdrawn"
WITHDRAWN_FOR = 60 * 86_400
IN_FORCE, NEW = 0, 1  # `whole`: a new one is built beside the one in force


class Book:
    def __init__(self, file, zone):
        self.db = sqlite3.connect(file, isolation_level=None)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.executescript(SCHEMA)
        self.best, self.started_at = None, time.monotonic()
        self.floor = self.get("chainTime") or 0
        self.zone = ZoneInfo(self.get("timeZone") or zone)
        # Channel: the end of the gap-free run. And what came past it, and the newest that the chain has told of.
        self.positions, self.ahead = self.get("positions") or {}, self.get("ahead") or {}
        self.heard = {}
        self.drop_whole()

    def get(self, name):
        row = self.db.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return row and json.loads(row[0])

    def put(self, **values):
        rows = [(name, json.dumps(value)) for name, value in values.items()]
        self.db.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", rows)

    def transaction(self, *steps):
        before = dict(self.positions), {name: list(ahead) for name, ahead in self.ahead.items()}
        self.db.execute("BEGIN IMMEDIATE")
        try:
            for step in steps:
                step()
            self.put(positions=self.positions, ahead=self.ahead, chainTime=self.now() if self.is_measured else self.floor)
            self.db.execute("COMMIT")
        except BaseException:
            self.db.execute("ROLLBACK")
            self.positions, self.ahead = before
            raise

    # Time: the chain's, in seconds since 1970.

    @property
    def is_measured(self):
        return self.best is not None

    def measure(self, asked_at, server_time):
        now = time.monotonic()
        low, high = self.ms(server_time) / 1000 - now, self.ms(server_time) / 1000 - asked_at
        # The shortest round trip tells the time best, unless the chain's clock was set since.
        if self.best is None or high - low <= self.best[1] or not low <= self.best[0] <= high:
            self.best = ((low + high) / 2, high - low)

    def now(self):
        if self.best is not None:
            return time.monotonic() + self.best[0]
        return max(time.time(), self.floor + time.monotonic() - self.started_at)

    def latest(self):
        """What must never be late is judged by the latest time that it may be."""
        return self.now() + (self.best[1] / 2 if self.best else 0)

    def timestamp(self):
        return datetime.fromtimestamp(self.now(), timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    @staticmethod
    def ms(text):
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000

    def locate(self, zone):
        if zone and zone != self.zone.key:
            self.zone = ZoneInfo(zone)
            self.put(timeZone=zone)

    def starts(self, frame):
        if frame.get("validFromLocal"):
            return self.local(frame["validFromLocal"], 0)
        return self.ms(frame["validFrom"]) / 1000 if frame.get("validFrom") else float("-inf")

    def ends(self, frame):
        if frame.get("validUntilLocal"):
            return self.local(frame["validUntilLocal"], 1)
        return self.ms(frame["validUntil"]) / 1000 if frame.get("validUntil") else float("inf")

    def local(self, text, fold):
        """On the store's wall clock. Of an hour that comes twice, a start is in the first pass, an end in the second;
        one that is skipped is the moment of the jump."""
        naive = datetime.fromisoformat(text)
        at = naive.replace(tzinfo=self.zone, fold=fold)
        if datetime.fromtimestamp(at.timestamp(), self.zone).replace(tzinfo=None) == naive:
            return at.timestamp()
        before = at.replace(fold=1).timestamp()  # an hour early: go on to the jump
        offset = datetime.fromtimestamp(before, self.zone).utcoffset()
        moment = datetime.fromtimestamp(before, self.zone).replace(second=0, microsecond=0)
        while moment.astimezone(self.zone).utcoffset() == offset:
            moment = (moment.astimezone(timezone.utc) + timedelta(minutes=1)).astimezone(self.zone)
        return moment.timestamp()

    def is_in_force(self, frame):
        return self.starts(frame) <= self.now() and self.latest() < self.ends(frame)

    # Positions.

    def own(self, update):
        return {name: n for name, n in update["positions"].items() if name in self.positions}

    def stand(self, positions):
        """Takes these positions; those that came earlier close up."""
        for name, n in positions.items():
            if n > self.positions[name]:
                self.ahead.setdefault(name, []).append(n)
            self.close_up(name)

    def close_up(self, name):
        ahead = sorted(set(self.ahead.get(name, [])))
        while ahead and ahead[0] <= self.positions[name] + 1:
            self.positions[name] = max(self.positions[name], ahead.pop(0))
        self.ahead[name] = ahead

    def hear(self, positions):
        self.heard = positions

    def has_gap(self):
        return any(self.ahead.values()) or any(self.heard.get(name, 0) > n for name, n in self.positions.items())

    # Updates.

    def take(self, update):
        """An update that was posted, or is of a page of the log. Answers "seen" for one that came before."""
        own = self.own(update)
        if any(n <= self.positions[name] or n in self.ahead.get(name, []) for name, n in own.items()):
            self.transaction(lambda: self.stand(own))
            return "seen"
        if own:
            self.transaction(lambda: self.enter(IN_FORCE, update), lambda: self.stand(own))

    def take_page(self, updates, positions):
        if not self.positions:
            self.positions = {name: 0 for name in positions}
        for update in updates:
            try:
                self.take(update)
            except (ValueError, KeyError, TypeError, AttributeError):
                pass  # a broken one costs only itself
        self.transaction(lambda: self.settle(positions))

    def settle(self, positions):
        for name, n in positions.items():
            self.positions[name] = max(n, self.positions[name])
            self.close_up(name)

    def enter(self, whole, update):
        """Puts it in the book, and its receipt beside it."""
        reason = self.refusal(update)
        if reason is None or reason == "expired":
            self.put_entries(whole, update)
        receipt = {"id": update["id"], **({"reason": reason} if reason else {"appliedAt": self.timestamp()})}
        self.db.execute("INSERT OR IGNORE INTO receipts VALUES (?, ?, ?)", (whole, update["id"], json.dumps(receipt)))

    def refusal(self, update):
        """Why the store refuses it, or None."""
        kind, data = update["kind"], update.get("data")
        if kind not in KINDS:
            return "unsupported_kind"
        try:
            self.ms(update["publishedAt"])
            if kind == "price.changed":
                for price in data["prices"]:
                    price["sku"], price["amount"] + 0, price["currency"]
            elif kind == "price.withdrawn":
                list(data["updates"])
            elif kind == "offer.published":
                data["offerId"], list(data["skus"])
            else:
                data["offerId"]
            return "expired" if self.ends(update) <= self.latest() else None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return f"data is not as {kind} says: {error!r}"

    def put_entries(self, whole, update):
        if update["kind"] == "price.withdrawn":
            self.withdraw(whole, update["data"])
        elif update["kind"] != "price.changed":
            self.put_entry(whole, update, f"offer {update['data']['offerId']}", None)
        else:
            for price in update["data"]["prices"]:
                if price.get("priceType", "regular") == "regular" and not self.is_withdrawn(update["id"], price["sku"]):
                    self.put_entry(whole, update, f"price {price['sku']}", json.dumps(price))

    def put_entry(self, whole, update, item, price):
        row = whole, update["id"], item, json.dumps(update), price
        self.db.execute("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?)", row)

    def is_withdrawn(self, id, sku):
        return self.db.execute("SELECT 1 FROM withdrawn WHERE id = ? AND sku IN ('', ?)", (id, sku)).fetchone()

    def withdraw(self, whole, data):
        """As if these had never been published, also should they still come. `restored` has what they had replaced."""
        self.db.execute("DELETE FROM withdrawn WHERE at < ?", (self.now() - WITHDRAWN_FOR,))
        for id in data["updates"]:
            for sku in data.get("skus", [""]):  # a part of a withdrawal is about these alone
                self.db.execute("INSERT OR REPLACE INTO withdrawn VALUES (?, ?, ?)", (id, sku, self.now()))
                of = "DELETE FROM entries WHERE whole = ? AND id = ? AND (? = '' OR item = 'price ' || ?)"
                self.db.execute(of, (whole, id, sku, sku))
        for restored in data.get("restored", []):
            if set(restored["channels"]) & set(self.positions):
                positions = dict.fromkeys(restored["channels"], 0)
                frame = {**restored, "id": restored["updateId"], "kind": "price.changed", "positions": positions}
                self.put_entries(whole, {**frame, "data": {"prices": restored["prices"]}})

    # A new whole.

    def drop_whole(self):
        self.posted = []
        self.db.execute("DELETE FROM entries WHERE whole = ?", (NEW,))
        self.db.execute("DELETE FROM receipts WHERE whole = ?", (NEW,))

    def begin_whole(self, kept):
        """It begins with what came by these channels."""
        self.drop_whole()
        for id, item, frame, price in self.db.execute("SELECT id, item, frame, price FROM entries WHERE whole = 0").fetchall():
            if set(json.loads(frame)["positions"]) & set(kept):
                self.db.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", (NEW, id, item, frame, price))

    def add_to_whole(self, updates, is_posted=False):
        for update in updates:
            self.enter(NEW, update)
        if is_posted:
            self.posted += updates

    def commit_whole(self, positions):
        def swap():
            self.db.execute("DELETE FROM entries WHERE whole = 0")
            self.db.execute("UPDATE entries SET whole = 0")
            self.db.execute("UPDATE OR IGNORE receipts SET whole = 0")
            self.positions, self.ahead, self.heard = dict(positions), {}, {}
            for update in self.posted:
                self.stand(self.own(update))

        self.transaction(swap)
        self.drop_whole()

    # What is in force.

    def price(self, sku):
        rows = self.db.execute("SELECT frame, price FROM entries WHERE whole = 0 AND item = ?", (f"price {sku}",))
        found = [(json.loads(frame), json.loads(price)) for frame, price in rows]
        found = [(self.rank(frame), price["amount"], price) for frame, price in found if self.is_in_force(frame)]
        return max(found)[2] if found else None

    def rank(self, frame):
        published = self.ms(frame["publishedAt"]) / 1000
        return max(self.starts(frame), published), published, frame["id"]

    def offers(self, sku):
        latest = {}
        for item, text in self.db.execute("SELECT item, frame FROM entries WHERE whole = 0 AND item LIKE 'offer %'"):
            frame = json.loads(text)
            latest[item] = max(latest.get(item, ((0, ""), None)), ((self.ms(frame["publishedAt"]), frame["id"]), frame))
        frames = [frame for _, frame in latest.values() if frame["kind"] == "offer.published"]
        return [frame["data"]["offerId"] for frame in frames if sku in frame["data"]["skus"] and self.is_in_force(frame)]

    # Receipts and sales that the chain has not accepted.

    def receipts(self):
        return [json.loads(text) for (text,) in self.db.execute("SELECT receipt FROM receipts WHERE whole = 0")]

    def receipts_accepted(self, ids):
        self.db.executemany("DELETE FROM receipts WHERE whole = 0 AND id = ?", [(id,) for id in ids])

    def sell(self, sale):
        """On disk once this returns, with the saleId and the soldAt that it keeps."""
        self.db.execute("INSERT INTO sales (sale) VALUES (?)", (json.dumps(sale, ensure_ascii=False),))

    def sales(self):
        rows = self.db.execute("SELECT key, sale FROM sales WHERE refused IS NULL ORDER BY key LIMIT 500")
        return [(key, json.loads(sale)) for key, sale in rows]

    def sales_accepted(self, keys):
        self.db.executemany("DELETE FROM sales WHERE key = ?", [(key,) for key in keys])

    def sale_refused(self, key, code):
        """Kept for somebody to look at."""
        self.db.execute("UPDATE sales SET refused = ? WHERE key = ?", (code, key))

    def has_nothing_to_say(self):
        return not self.sales() and not self.receipts()
