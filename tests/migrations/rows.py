"""A row for every table, as each revision knows it: what has to survive the migrations that follow.

A revision that makes a table (or a column that must be filled) adds its rows here; a test refuses a table without.
Values are plain; each goes through the column's type as the database itself describes it.
"""

from datetime import UTC, date, datetime, time
from typing import Any

from app.finding.words import search_text

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 12, 25, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 25)
DUE = date(2026, 12, 2)

PREPARED = search_text("Perceuse", "Outils", "Tools")
"""As each step since 0005 leaves it; the one before reads it as well."""

Rows = list[tuple[str, dict[str, Any]]]

ROWS: dict[str, Rows] = {
    "0001": [
        ("territory", {"id": 1, "insee_code": "26289", "name": "Saillans", "kind": "commune"}),
        ("territory", {"id": 2, "insee_code": "26113", "name": "Die", "kind": "commune", "parent_id": 1}),
        (
            "resident",
            {"id": 1, "name": "Anna B.", "email": "anna@example.org", "email_confirmed_at": NOW, "code": "M-1",
             "password_hash": "x", "locale": "fr", "home_lat": 44.7, "home_lon": 5.2, "is_steward": True,
             "created_at": NOW},
        ),
        (
            "resident",
            {"id": 2, "name": "Zoë « la Pie » 🐦", "code": "M-2", "locale": "en", "is_steward": False,
             "created_at": NOW, "made_by_id": 1, "verified_in_person_at": NOW},
        ),
        (
            "browser_session",
            {"id": 1, "resident_id": 1, "token_hash": "a", "created_at": NOW, "expires_at": LATER, "browser": "x"},
        ),
        (
            "api_token",
            {"id": 1, "resident_id": 1, "name": "n", "token_hash": "b", "created_at": NOW, "expires_at": LATER},
        ),
        (
            "mailed_link",
            {"id": 1, "resident_id": 1, "purpose": "confirm", "created_at": NOW, "expires_at": LATER},
        ),
        (
            "hub",
            {"id": 1, "slug": "maison", "name": "La Maison", "kind": "community_house", "status": "published",
             "description": "", "address": "1 place", "lat": 44.7, "lon": 5.2, "territory_id": 1,
             "timezone": "Europe/Paris", "country": "FR", "locale": "fr", "accessibility": "",
             "shelves": ["A1", "étagère"], "policy": {"max_loans": 15}, "closed_on_holidays": True,
             "created_at": NOW},
        ),
        (
            "hub",
            {"id": 2, "slug": "atelier", "name": "L’Atelier", "kind": "community_house", "status": "published",
             "description": "", "address": "1 place", "lat": 44.7, "lon": 5.2, "territory_id": 1,
             "timezone": "Europe/Paris", "country": "FR", "locale": "fr", "accessibility": "",
             "shelves": ["A1", "étagère"], "policy": {"max_loans": 15}, "closed_on_holidays": True,
             "created_at": NOW},
        ),
        ("opening_hours", {"id": 1, "hub_id": 1, "weekday": 0, "opens": time(14), "closes": time(18, 30)}),
        ("closure", {"id": 1, "hub_id": 1, "first_day": TODAY, "last_day": DUE, "why": "Congés"}),
        (
            "membership",
            {"id": 1, "hub_id": 1, "resident_id": 2, "status": "verified", "is_volunteer": False,
             "is_organizer": False, "is_coordinator": False, "joined_at": NOW, "verified_at": NOW,
             "verified_by_id": 1},
        ),
        (
            "category",
            {"id": 1, "slug": "outils", "name_fr": "Outils", "name_en": "Tools", "drawing": "outils",
             "position": 1},
        ),
        (
            "item",
            {"id": 1, "code": "I-1", "title": "Perceuse", "description": "à percussion", "category_id": 1,
             "owner_hub_id": 1, "hub_id": 1, "shelf": "A1", "lends": True, "swaps": False, "gives": False,
             "asks_each_time": False, "condition": "good", "value_cents": 9000, "currency": "EUR",
             "buffer_days": 0, "notices": ["Lunettes !"], "status": "active", "picture": "", "lat": 44.7,
             "lon": 5.2, "precision_m": 0, "search_text": PREPARED, "coarse_lat": 44.7, "coarse_lon": 5.2,
             "created_at": NOW,
             "updated_at": NOW, "version": 1},
        ),
        ("part", {"id": 1, "item_id": 1, "name": "mandrin", "count": 2, "position": 0}),
        (
            "photo",
            {"id": 1, "item_id": 1, "file": "f", "width": 4, "height": 3, "position": 0, "created_at": NOW},
        ),
        (
            "item_claim",
            {"id": 1, "item_id": 1, "kind": "loan", "first_day": TODAY, "end_day": date(2026, 12, 3),
             "live": True, "uncertain": False},
        ),
        ("induction", {"resident_id": 2, "name": "Scie", "granted_at": NOW, "granted_by_id": 1}),
        (
            "loan",
            {"id": 1, "item_id": 1, "borrower_id": 2, "hub_id": 1, "claim_id": 1, "status": "checked_out",
             "first_day": TODAY, "due": DUE, "walk_in": True, "requested_at": NOW, "reserved_at": NOW,
             "checked_out_at": NOW, "checked_out_by_id": 1, "due_set_at": NOW, "remind_at": NOW, "renewals": 0,
             "currency": "EUR"},
        ),
        (
            "loan_event",
            {"id": 1, "loan_id": 1, "at": NOW, "kind": "checked_out", "status": "checked_out", "actor_id": 1,
             "hub_id": 1, "before": {"status": None}},
        ),
        ("reminder_sent", {"id": 1, "loan_id": 1, "due": DUE, "level": "before", "at": NOW}),
        (
            "repair_ticket",
            {"id": 1, "item_id": 1, "hub_id": 1, "condition": "damaged", "note": "", "missing": ["mandrin"],
             "opened_at": NOW, "opened_by_id": 1, "closed_at": LATER, "closed_by_id": 1},
        ),
        (
            "notification",
            {"id": 1, "resident_id": 2, "kind": "lending.due_soon", "params": {"title": "Perceuse"},
             "path": "/loans", "key": "k", "created_at": NOW},
        ),
        (
            "mail",
            {"id": 1, "resident_id": 1, "kind": "lending.due_soon", "params": {}, "path": "/loans", "key": "k",
             "zone": "Europe/Paris", "urgent": False, "to_unconfirmed": False, "status": "pending",
             "created_at": NOW, "next_try_at": NOW, "attempts": 0},
        ),
        ("conversation", {"id": 1, "subject_kind": "loan", "subject_id": 1, "created_at": NOW}),
        ("message", {"id": 1, "conversation_id": 1, "author_id": 2, "text": "À demain !", "at": NOW}),
        (
            "stored_event",
            {"id": 1, "kind": "LoanCheckedOut", "payload": {"loan_id": 1}, "at": NOW, "delivered_at": NOW,
             "next_try_at": NOW, "attempts": 0},
        ),
        ("delivery", {"event_id": 1, "handler": "app.lending.handlers.tell", "at": NOW}),
        (
            "idempotency_key",
            {"id": 1, "resident_id": 1, "key": "k", "request_hash": "h", "status": 201, "body": "{}",
             "created_at": NOW},
        ),
        (
            "audit_entry",
            {"id": 1, "at": NOW, "actor_id": 1, "act": "verified", "subject_kind": "resident", "subject_id": 2,
             "details": {"hub": 1}},
        ),
        (
            "job_run",
            {"name": "reminders", "started_at": NOW, "count": 1, "total": 1, "duration_ms": 3, "failures": 0},
        ),
        ("heartbeat", {"name": "scheduler", "at": NOW}),
    ],
    "0002": [
        (
            "saved_search",
            {"id": 1, "resident_id": 1, "query": "q=%C3%89chelle", "compared": "q=echelle", "name": "",
             "created_at": NOW, "seen_until": NOW, "look_at": LATER, "told_count": 0},
        ),
    ],
    "0003": [
        (
            "import_batch",
            {"id": 1, "hub_id": 1, "made_by_id": 1, "confirmed_by_id": 1, "file_name": "objets.csv", "digest": "d",
             "kind": "own", "header": ["Titre", "Rayon"], "ignored": [], "shelf": "", "status": "writing", "good": 1,
             "bad": 1, "written": 1, "made_at": NOW, "confirmed_at": NOW},
        ),
        (
            "import_row",
            {"batch_id": 1, "number": 2, "status": "written", "title": "Perceuse", "cells": [], "fields": {},
             "faults": [], "item_id": 1},
        ),
        (
            "import_row",
            {"batch_id": 1, "number": 3, "status": "bad", "title": "", "reference": "D-7", "cells": ["", "Outils"],
             "fields": {"title": ""}, "faults": [["title", "core.required", {}]]},
        ),
        ("sticker_sheet", {"id": 1, "hub_id": 1, "made_by_id": 1, "made_at": NOW, "count": 2}),
        ("blank_sticker", {"code": "I-W0000001", "sheet_id": 1}),
        (
            "blank_sticker",
            {"code": "I-W0000002", "sheet_id": 1, "item_id": 1, "former_code": "I-0", "stuck_at": NOW,
             "stuck_by_id": 1},
        ),
    ],
    "0004": [
        (
            "report",
            {"id": 1, "subject_kind": "item", "subject_id": 1, "hub_id": 1, "reporter_id": 2, "reason": "unsafe",
             "text": "Le fil est à nu.", "created_at": NOW, "note": ""},
        ),
    ],
    "0005": [
        ("known_word", {"word": "perceuse", "items": 1}),
        ("known_slip", {"slip": "perceus", "word": "perceuse"}),
    ],
    "0007": [
        (
            "place_in_line",
            {"id": 1, "item_id": 1, "resident_id": 2, "turn": 1, "status": "ready", "joined_at": NOW, "lapses": 0,
             "ready_at": NOW, "ready_until": DUE, "claim_id": 1},
        ),
    ],
    "0008": [
        (
            "transfer",
            {"id": 1, "item_id": 1, "from_hub_id": 1, "to_hub_id": 2, "status": "sent", "note": "",
             "requested_at": NOW, "requested_by_id": 1, "sent_at": NOW, "sent_by_id": 1},
        ),
        ("moved_reservation", {"transfer_id": 1, "loan_id": 1}),
    ],
    "0010": [
        (
            "repair_step",
            {"id": 1, "ticket_id": 1, "at": NOW, "actor_id": 1, "state": "repairing", "note": "Ressoudé",
             "cents": 350, "minutes": 40},
        ),
        (
            "condition_note",
            {"id": 1, "loan_id": 1, "stage": "out", "text": "Une rayure", "photo": "p", "width": 4, "height": 3,
             "author_id": 2, "at": NOW},
        ),
    ],
    "0011": [
        (
            "scan_to_settle",
            {"id": 1, "hub_id": 1, "kept_by_id": 1, "key": "k", "act": "check-out", "item_code": "I-1",
             "member_code": "M-2", "ticked": {"parts": ["Lame"]}, "at": NOW, "why": "already_out",
             "said": "C’est déjà sorti.", "received_at": NOW, "done": False, "note": ""},
        ),
    ],
    "0014": [
        (
            "skill_category",
            {"id": 1, "slug": "maison", "name_fr": "Maison", "name_en": "Home", "drawing": "boite-outils",
             "position": 1},
        ),
        (
            "skill",
            {"id": 1, "resident_id": 1, "kind": "offer", "title": "Perceuse", "note": "", "category_id": 1,
             "level": "beginner", "at_hub": True, "at_home": False, "online": False, "hub_id": 1,
             "languages": ["fr", "en"], "state": "open", "search_text": PREPARED, "lat": 44.7, "lon": 5.2,
             "precision_m": 0, "coarse_lat": 44.7, "coarse_lon": 5.2, "created_at": NOW, "updated_at": NOW},
        ),
        (
            "skill",
            {"id": 2, "resident_id": 2, "kind": "need", "title": "Perceuse", "note": "Pour débuter",
             "category_id": 1, "level": "beginner", "at_hub": False, "at_home": True, "online": True,
             "languages": ["fr"], "state": "paused", "search_text": PREPARED, "lat": 44.7, "lon": 5.2,
             "precision_m": 1000, "coarse_lat": 44.7, "coarse_lon": 5.2, "created_at": NOW, "updated_at": NOW,
             "registered_by_id": 1},
        ),
        ("skill_availability", {"skill_id": 1, "weekday": 6, "opens": 840, "closes": 1440}),
        (
            "skill_ring",
            {"id": 1, "signature": "1:2", "state": "proposed", "proposed_at": NOW, "answer_by": LATER},
        ),
        (
            "skill_ring_leg",
            {"ring_id": 1, "position": 0, "giver_id": 1, "learner_id": 2, "offer_id": 1, "need_id": 2,
             "answer": "yes", "answered_at": NOW},
        ),
        ("known_skill_word", {"word": "perceuse", "items": 2}),
        ("known_skill_slip", {"slip": "perceus", "word": "perceuse"}),
    ],
    "0015": [
        (
            "workshop_series",
            {"id": 1, "hub_id": 1, "title": "Réparer", "text": "", "learn": ["souder"], "bring": "", "room": "",
             "capacity": 12, "newcomer_places": 2, "start": datetime(2026, 12, 5, 10, 0), "minutes": 120,  # noqa: DTZ001
             "rule": "FREQ=WEEKLY", "facilitator_id": 1, "facilitator_minutes": 120, "induction": "Scie",
             "filled_until": DUE, "made_at": NOW, "made_by_id": 1},
        ),
        (
            "workshop",
            {"id": 1, "series_id": 1, "hub_id": 1, "original": datetime(2026, 12, 5, 10, 0),  # noqa: DTZ001
             "starts_at": NOW, "ends_at": LATER, "capacity": 12, "newcomer_places": 2, "facilitator_id": 1,
             "note": "", "state": "planned", "changed": ["capacity"], "taken": 1, "newcomers": 1, "waiting": 0},
        ),
        (
            "workshop_attendee",
            {"id": 1, "workshop_id": 1, "resident_id": 2, "status": "going", "turn": 1, "newcomer": True,
             "registered_at": NOW, "registered_by_id": 1, "induced": False},
        ),
        (
            "workshop_need",
            {"id": 1, "series_id": 1, "item_id": 1, "consent": "agreed", "asked_by_id": 1, "asked_at": NOW},
        ),
        ("workshop_claim", {"workshop_id": 1, "item_id": 1, "claim_id": 1}),
    ],
    "0016": [
        (
            "time_account",
            {"id": 1, "resident_id": 1, "balance": -90, "entries": 1, "going_out": 30, "coming_in": 0, "given": 0},
        ),
        (
            "time_account",
            {"id": 2, "hub_id": 1, "balance": 90, "entries": 1, "going_out": 0, "coming_in": 30, "given": 0},
        ),
        (
            "time_transfer",
            {"id": 1, "key": "gift:1", "kind": "gift", "minutes": 90, "actor_id": 1, "at": NOW, "payer_side": -1,
             "payee_side": 1},
        ),
        (
            "time_entry",
            {"transfer_id": 1, "side": -1, "amount": 90, "account_id": 1, "number": 1, "balance": -90},
        ),
        ("time_entry", {"transfer_id": 1, "side": 1, "amount": 90, "account_id": 2, "number": 1, "balance": 90}),
        ("time_note", {"transfer_id": 1, "text": "Pour le jardin"}),
        ("time_reservation", {"key": "session:1", "payer_id": 1, "payee_id": 2, "minutes": 30, "at": NOW}),
        (
            "volunteer_shift",
            {"id": 1, "hub_id": 1, "resident_id": 2, "day": TODAY, "begins": time(14), "minutes": 120, "paid": 0,
             "recorded_at": NOW, "recorded_by_id": 1},
        ),
    ],
    "0017": [("calendar_link", {"resident_id": 1, "token_hash": "h", "made_at": NOW})],
    "0018": [
        (
            "skill_session",
            {"id": 1, "skill_id": 1, "asker_id": 2, "giver_id": 1, "learner_id": 2, "place": "hub", "hub_id": 1,
             "minutes": 60, "status": "asked", "proposed_by_id": 2, "proposed_at": NOW, "cancelled_late": False,
             "closes_at": LATER, "remind_at": LATER, "created_at": NOW},
        ),
        (
            "skill_session",
            {"id": 2, "skill_id": 1, "asker_id": 2, "giver_id": 1, "learner_id": 2, "place": "online",
             "minutes": 90, "status": "disputed", "starts_at": NOW, "ends_at": LATER, "agreed_at": NOW,
             "giver_minutes": 90, "learner_minutes": 60, "first_said_at": NOW, "cancelled_late": False,
             "disputed_at": NOW, "heard_at_id": 1, "created_at": NOW},
        ),
        ("session_time", {"id": 1, "session_id": 1, "starts_at": LATER}),
        ("session_line", {"id": 1, "session_id": 1, "at": NOW, "kind": "asked", "actor_id": 1, "for_id": 2,
                          "minutes": 60}),
    ],
    "0019": [
        (
            "campaign",
            {"id": 1, "hub_id": 1, "organizer_id": 1, "title": "Épicerie", "about": "", "supplier": "Coop",
             "supplier_note": "", "status": "open", "payment": "counter", "currency": "EUR",
             "minimum_cents": 80000, "fees_cents": 0, "transport_cents": 2400, "transport_split": "by_value",
             "sharing": "in_order", "opens_at": NOW, "closes_at": LATER, "delivery_day": date(2027, 1, 8),
             "version": 3, "revision": 1, "pledgers": 1, "pledged_cents": 17640, "created_at": NOW},
        ),
        ("campaign_organizer", {"campaign_id": 1, "resident_id": 2}),
        (
            "product",
            {"id": 1, "campaign_id": 1, "position": 1, "name": "Huile d’olive", "unit": "bidon de 3 L",
             "unit_size": 1, "price_cents": 2940, "pack_size": 6, "limit_units": 60, "vat_permille": 55,
             "allergens": "", "origin": "Nyons", "wanted": 6, "tolerated": 1},
        ),
        ("product_tier", {"product_id": 1, "from_quantity": 20, "price_cents": 2790}),
        ("pick_up_slot", {"id": 1, "campaign_id": 1, "starts_at": NOW, "ends_at": LATER, "capacity": 8, "taken": 1}),
        ("campaign_telling", {"campaign_id": 1, "what": "opened", "upto": 2, "done_at": NOW}),
    ],
    "0020": [
        (
            "pledge",
            {"id": 1, "campaign_id": 1, "resident_id": 2, "payment": "counter", "status": "live",
             "ceiling_cents": 21109, "share_cents": 0, "waived_cents": 0, "total_cents": 16740, "slot_id": 1,
             "version": 1, "created_at": NOW},
        ),
        (
            "pledge_increment",
            {"id": 1, "pledge_id": 1, "product_id": 1, "want": 6, "tolerance": 1, "at": NOW},
        ),
        ("pledge_form", {"campaign_id": 1, "resident_id": 2, "key": "k", "at": NOW}),
        ("allotment", {"pledge_id": 1, "product_id": 1, "quantity": 6, "goods_cents": 16740}),
    ],
    "0021": [
        ("money_account", {"id": 1, "kind": "member", "holder": "2", "currency": "EUR", "resident_id": 2}),
        ("money_account", {"id": 2, "kind": "cash", "holder": "1", "currency": "EUR", "hub_id": 1}),
        (
            "money_transaction",
            {"id": 1, "source": "receipt:1", "kind": "receipt", "subject": "pledge:1", "currency": "EUR",
             "entries": 2, "rest": 0, "actor_id": 1, "at": NOW, "seal": "s"},
        ),
        (
            "money_entry",
            {"transaction_id": 1, "number": 1, "entries": 2, "account_id": 2, "currency": "EUR", "amount": 1250,
             "before": 0, "after": 1250},
        ),
        (
            "money_entry",
            {"transaction_id": 1, "number": 2, "entries": 2, "previous": 1, "account_id": 1, "currency": "EUR",
             "amount": -1250, "before": 1250, "after": 0},
        ),
        ("money_note", {"transaction_id": 1, "text": "Pour les pommes"}),
    ],
    "0022": [
        (
            "cash_box",
            {"id": 1, "hub_id": 1, "currency": "EUR", "opened_at": NOW, "opened_by_id": 1, "opened_cents": 5000,
             "found_cents": 5000, "closed_at": LATER, "closed_by_id": 1, "closed_cents": 6240, "expected_cents": 6250,
             "note": "Une pièce manque"},
        ),
        (
            "receipt",
            {"id": 1, "key": "pick-up:1", "way": "in", "hub_id": 1, "box_id": 1, "resident_id": 2,
             "subject": "pledge:1", "means": "cash", "cents": 1250, "currency": "EUR", "actor_id": 1, "at": NOW,
             "reversed_at": LATER, "reversed_by_id": 1, "reversed_why": "Noté deux fois"},
        ),
    ],
    "0023": [
        ("card_customer", {"resident_id": 2, "reference": "cus_1"}),
        (
            "payment_attempt",
            {"id": 1, "kind": "save", "subject": "pledge:1", "seq": 1, "key": "here:pledge:1:save:1", "resident_id": 2,
             "cents": 0, "currency": "EUR", "parameters": {"resident": 2}, "status": "succeeded", "reference": "seti_1",
             "unwanted": False, "tries": 1, "created_at": NOW, "first_sent_at": NOW, "ended_at": NOW},
        ),
        (
            "payment_attempt",
            {"id": 2, "kind": "authorize", "subject": "pledge:1", "seq": 1, "key": "here:pledge:1:authorize:1",
             "resident_id": 2, "cents": 900, "currency": "EUR", "parameters": {"cents": 900}, "status": "succeeded",
             "reference": "pi_1", "unwanted": False, "tries": 1, "created_at": NOW, "first_sent_at": NOW,
             "ended_at": NOW, "lapses_at": LATER},
        ),
        (
            "payment_attempt",
            {"id": 3, "kind": "capture", "subject": "pledge:1", "seq": 1, "key": "here:pledge:1:capture:1",
             "resident_id": 2, "cents": 800, "currency": "EUR", "of_id": 2, "parameters": {"intent": "pi_1"},
             "status": "unknown", "unwanted": False, "tries": 1, "created_at": NOW, "first_sent_at": NOW,
             "next_try_at": LATER},
        ),
        (
            "saved_card",
            {"id": 1, "resident_id": 2, "subject": "pledge:1", "attempt_id": 1, "customer": "cus_1",
             "reference": "pm_1", "brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2031,
             "saved_at": NOW},
        ),
        (
            "webhook_event",
            {"id": "evt_1", "kind": "payment_intent.succeeded", "reference": "pi_1", "received_at": NOW,
             "next_try_at": NOW, "tries": 0, "known": True},
        ),
    ],
    "0024": [
        (
            "campaign_delivery",
            {"campaign_id": 1, "ordered_at": NOW, "ordered_by_id": 1, "received_at": NOW, "received_by_id": 1,
             "receptions": 1, "settled_at": LATER, "settled_by_id": 1, "members_cents": 16740, "leftovers_cents": 0,
             "hub_cents": 260, "supplier_cents": 16000, "transport_cents": 900, "fees_cents": 100},
        ),
        (
            "supplier_mail",
            {"id": 1, "campaign_id": 1, "address": "coop@example.org", "words": "Merci !", "locale": "fr",
             "status": "sent", "by_id": 1, "created_at": NOW, "next_try_at": NOW, "attempts": 1, "sent_at": NOW},
        ),
        (
            "supplier_invoice",
            {"id": 1, "campaign_id": 1, "kind": "pdf", "file": "f" * 32, "title": "Facture d’œufs.pdf",
             "added_at": NOW, "added_by_id": 1},
        ),
        ("packed_line", {"pledge_id": 1, "product_id": 1, "at": NOW, "by_id": 1}),
        (
            "leftover",
            {"id": 1, "campaign_id": 1, "product_id": 1, "kind": "sold", "quantity": 1, "cents": 2790, "buyer_id": 2,
             "once": "o" * 32, "at": NOW, "by_id": 1},
        ),
    ],
    "0025": [
        (
            "money_difference",
            {"id": 1, "place": "receipt:1", "what": "it says 1250, the ledger nothing", "first_seen_at": NOW,
             "last_seen_at": LATER, "gone_at": LATER, "note": "Reçu noté à la main", "noted_at": LATER,
             "noted_by_id": 1},
        ),
    ],
    "0026": [
        ("card_deposit", {"loan_id": 1, "left_at": NOW, "hold_ended_at": LATER, "over_at": LATER}),
        (
            "damage_claim",
            {"loan_id": 1, "ticket_id": 1, "cents": 1200, "why": "La poignée est cassée", "claimed_by_id": 1,
             "claimed_at": NOW, "answer_by": LATER, "state": "due", "answered_at": NOW,
             "answer": "Elle l’était déjà", "decided_by_id": 1, "decided_at": LATER, "decided_why": "Photo au départ",
             "due_cents": 900, "due_at": LATER},
        ),
    ],
}  # fmt: skip
