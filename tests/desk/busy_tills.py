"""Tills that check out and send each visit until it is answered, while a test kills the server under them."""

from __future__ import annotations

import http.client
import json
import re
from datetime import UTC, datetime
from threading import Condition, Event

from astro.kit.ids import new_uuid7

CSRF = "k" * 32
REWARD = re.compile(r'name="reward-(\d+)" value="(\d+)"')


class Log:
    """What was acknowledged so far, by all tills."""

    def __init__(self):
        self.news = Condition()
        self.visits, self.sealings, self.rewards = {}, set(), set()
        self.acknowledged = self.repeats = 0
        self.trouble = None
        self.is_over = Event()

    def took(self, *, visit=None, units=0, sealing=None, reward=None):
        with self.news:
            self.acknowledged += 1
            if visit:
                self.visits[visit] = units
            if sealing:
                self.sealings.add(sealing)
            if reward:
                self.rewards.add(reward)
            self.news.notify_all()

    def broke(self, problem):
        with self.news:
            self.trouble = problem
            self.news.notify_all()

    def wait_for(self, count):
        """Until so many were acknowledged. Raises what a till broke on, or AssertionError where nothing moves."""
        with self.news:
            moved = self.news.wait_for(lambda: self.acknowledged >= count or self.trouble, timeout=120)
        if not moved:
            self.is_over.set()
            raise AssertionError(f"stuck at {self.acknowledged}")
        if self.trouble:
            raise self.trouble


class Till:
    """One till, with a connection that it opens anew after each trouble."""

    def __init__(self, number, *, shop, port, log, visits):
        self.number, self.shop, self.port, self.log, self.visits = number, shop, port, log, visits
        self.pause = Event()
        self.http = None

    def post(self, address, body):
        """The same bytes until there is an answer; a refusal is one."""
        sent = json.dumps(body)
        headers = {
            "Cookie": f"astro_session={self.shop['sessions'][self.number]}; astro_csrf={CSRF}",
            "X-CSRFToken": CSRF, "HX-Request": "true", "Content-Type": "application/json",
        }  # fmt: skip
        while not self.log.is_over.is_set():
            try:
                self.http = self.http or http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                self.http.request("POST", address, sent, headers)
                answer = self.http.getresponse()
                text = answer.read().decode()
            except (OSError, http.client.HTTPException):
                self.close()
            else:
                if answer.status < 500:
                    return answer.status, text
            self.log.repeats += 1
            self.pause.wait(0.05)
        raise AssertionError("No answer came before the end.")

    def close(self):
        if self.http:
            self.http.close()
        self.http = None

    def work(self):
        try:
            self.ring_up()
        except Exception as problem:
            self.log.broke(problem)
            raise
        finally:
            self.close()

    def ring_up(self):
        for turn in range(self.visits):
            customer = self.shop["customers"][(self.number + turn) % len(self.shop["customers"])]
            visit, units = str(new_uuid7(datetime.now(UTC))), 1 + (self.number + turn) % 3
            line = {"key": str(new_uuid7(datetime.now(UTC))), "product_id": self.shop["product"], "quantity": units}
            body = {"key": visit, "occurred_at": datetime.now(UTC).isoformat(), "lines": [line]}
            status, text = self.post(f"/checkout/{customer}/visits/", body)
            assert status == 200, text
            self.log.took(visit=visit, units=units)
            if 'id="redemption"' in text:
                self.finish(customer, visit, REWARD.findall(text))

    def finish(self, customer, visit, rewards):
        """Redeem the first reward; another till may have had it meanwhile: then nothing."""
        for reward, product in (*rewards[:1], (None, None)):
            key = str(new_uuid7(datetime.now(UTC)))
            chosen = [{"reward_id": reward, "product_id": product, "is_scanned": False}] if reward else []
            body = {"key": key, "visit": visit, "redemptions": chosen}
            status, text = self.post(f"/checkout/{customer}/finish/", body)
            if status == 200:
                self.log.took(sealing=key, reward=reward)
                return
            assert status == 409, text
        raise AssertionError("A visit could not be finished without redeeming anything.")
