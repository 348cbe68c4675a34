"""Wishes for `flows_seed`: what a busy company asks its people, most of it of few of them."""

import random
from typing import Any

from flows.examples.purchase import TEAMS
from flows.services.seeding import NUMBER, Wish

DAY = 86_400.0
NAMES = [
    "Meridian Foods",
    "Nordwind Logistik",
    "Lindqvist AB",
    "Baltic Freight",
    "Ilse Baum",
    "Harbour & Sons",
    "Casa Verde",
    "Kestrel Labs",
    "Aurora Health",
    "Juniper Print",
    "Olmstead Rail",
    "Pico Systems",
    "Tamarind Tea",
    "Vasa Marine",
    "Wren Studio",
    "Yonge Textiles",
    "上海远洋贸易",
    "北京晨光科技",
    "Société Lumière",
    "Łódź Metal",
    "Ågren Optik",
    "Kowalski i Syn",
    "Dimitriou Wines",
    "Quill Books",
]
PLACES = [
    "Rotterdam",
    "Lyon",
    "Porto",
    "Malmö",
    "Gdańsk",
    "Turin",
    "Bergen",
    "Graz",
    "Utrecht",
    "Bilbao",
    "上海市浦东新区",
    "Tallinn",
]
THINGS = [
    "standing desks",
    "licences for the design tool",
    "a label printer",
    "pallets",
    "safety shoes",
    "a projector",
    "cloud credits",
    "brochures",
    "a coffee machine",
    "laptops",
    "translation",
    "a forklift service",
    "office chairs",
    "a fire inspection",
]
REASONS = ["Damaged on arrival", "Never arrived", "Billed twice", "Changed their mind"]
PAPERS = [
    "Supply agreement",
    "Framework contract",
    "Data processing terms",
    "Lease",
    "Service description",
    "Partner programme",
]
CLAUSES = [
    "The customer accepts unlimited liability for late payment.",
    "This agreement may be terminated by either side within ten days.",
    "Contact ann@example.com for questions.",
    "The guarantee covers five years. [date] is still open.",
]
REQUESTERS = [
    "Amir Nasser",
    "Bea Lund",
    "Chen Wei",
    "Dora Vogt",
    "Emil Kranz",
    "Farah Aziz",
    "Gil Moreno",
    "Hana Sato",
    "Ivo Petrov",
    "Jana Kolb",
    "Kai Brandt",
    "Lea Roux",
    "Milo Conti",
    "Nina Berg",
    "Omar Haddad",
    "Pia Falk",
    "Quin Doyle",
    "Rosa Marin",
    "Sven Holm",
    "Tara Singh",
]
URGENCIES = ("low", "normal", "high", "urgent")
TEAM_SHARES = (60, 1, 12, 20, 7)  # of purchases, in the order of TEAMS


def wishes(chance: random.Random, requesters: tuple[int, ...], reviewers: tuple[str, ...]) -> list[Wish]:
    """About 900 different ones, with weights such that a few come again and again."""
    made = [_refund(chance) for _ in range(250)] + [_purchase(chance) for _ in range(400)]
    made += [_review(chance) for _ in range(60)] + [_check(chance, reviewers) for _ in range(200)]
    few = max(1, len(requesters) // 10)
    return [
        Wish(flow, input, weight / (1 + place % 40), requesters[:few] if place % 3 else requesters, age)
        for place, (flow, input, weight, age) in enumerate(made)
    ]


def _refund(chance: random.Random) -> tuple[str, dict[str, Any], float, float]:
    given = {
        "customer": chance.choice(NAMES),
        "amount": round(chance.lognormvariate(5.5, 1) + 51, 2),
        "reason": chance.choice(REASONS),
        "note": f"Order **{NUMBER}**, shipped from {chance.choice(PLACES)}.",
    }
    return "refund", given, 20, 4.9 * DAY  # they expire after five days


def _purchase(chance: random.Random) -> tuple[str, dict[str, Any], float, float]:
    given = {
        "item": f"{chance.randint(2, 60)} {chance.choice(THINGS)} ({NUMBER})",
        "supplier": chance.choice(NAMES),
        "amount": round(chance.lognormvariate(6, 1.2), 2),
        "team": chance.choices(TEAMS, TEAM_SHARES)[0],
        "urgency": chance.choices(URGENCIES, (10, 80, 8, 2))[0],
    }
    return "purchase", given, 60, 60 * DAY


def _review(chance: random.Random) -> tuple[str, dict[str, Any], float, float]:
    title = f"{chance.choice(PAPERS)} {NUMBER} with {chance.choice(NAMES)}"
    clauses = chance.sample(CLAUSES, chance.randint(1, 3))
    return "document_review", {"title": title, "document": "\n".join(clauses)}, 2, 200 * DAY


def _check(chance: random.Random, reviewers: tuple[str, ...]) -> tuple[str, dict[str, Any], float, float]:
    address = f"{chance.randint(1, 200)} {chance.choice(PLACES)} Street, {chance.choice(PLACES)}"
    given = {"customer": f"{chance.choice(NAMES)}, no. {NUMBER}", "address": address}
    if reviewers and chance.random() < 0.1:
        given["keeper"] = chance.choice(reviewers)
    return "address_check", given, 6, 90 * DAY
