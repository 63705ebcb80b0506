"""Who reacts to what, on one page: the blueprints, the sentences, the events and their handlers, the timetable,
what each room gives and forgets of a person."""

from collections.abc import Callable, Mapping, Sequence

from flask import Blueprint, Flask
from flask_smorest import Blueprint as Calls

from app.accounts import api as accounts_api
from app.accounts import models as _accounts
from app.accounts import views as accounts_views
from app.accounts import wording as accounts_wording
from app.admin import views as admin_views
from app.admin import wording as admin_wording
from app.api import operations
from app.api import views as api_views
from app.cli import setup as setup_commands
from app.cli.demo import commands as demo_commands
from app.core import audit as _audit
from app.core import idempotency as _idempotency
from app.core import jobs as _jobs
from app.core import wording as core_wording
from app.core.ics import Happening
from app.core.jobs import Job
from app.core.outbox import Handlers
from app.counter import api as counter_api
from app.counter import opening as _labels_opened
from app.counter import pages as counter_pages
from app.counter import serving as _serving
from app.counter import setting_right as _setting_right
from app.counter import shift as _shift
from app.counter import views as _desk
from app.counter import waiting as _desk_line
from app.counter import wording as counter_wording
from app.counter.offline import jobs as offline_jobs
from app.counter.offline import models as _offline
from app.counter.offline import views as offline_views
from app.counter.offline import wording as offline_wording
from app.events import accounts as accounts_events
from app.events import hubs as hubs_events
from app.events import items as items_events
from app.events import lending as lending_events
from app.events import messages as messages_events
from app.events import payments as payments_events
from app.events import purchases as purchases_events
from app.events import reports as reports_events
from app.events import sessions as sessions_events
from app.events import skills as skills_events
from app.events import time as time_events
from app.events import transfers as transfers_events
from app.events import waiting as waiting_events
from app.events import workshops as workshops_events
from app.finding import wording as finding_wording
from app.geo import api as geo_api
from app.home import handlers as home_handlers
from app.home import hub_page as _hub_page
from app.home import views as home_views
from app.home import wording as home_wording
from app.home.calendar import models as _calendar
from app.home.calendar import views as calendar_views
from app.hubs import api as hubs_api
from app.hubs import views as hubs_views
from app.hubs import wording as hubs_wording
from app.items import api as items_api
from app.items import changing as _changing
from app.items import commands as items_commands
from app.items import finding as _finding
from app.items import jobs as items_jobs
from app.items import pages as items_pages
from app.items import posting as _posting
from app.items import uploads as items_uploads
from app.items import views as _item_pages
from app.items import wording as items_wording
from app.items.imports import jobs as imports_jobs
from app.items.imports import models as _imports
from app.items.imports import views as imports_views
from app.items.imports import wording as imports_wording
from app.items.kits import api as kits_api
from app.items.kits import views as kits_views
from app.items.kits import wording as kits_wording
from app.items.labels import models as _labels
from app.items.labels import views as labels_views
from app.items.labels import wording as labels_wording
from app.items.saved import api as searches_api
from app.items.saved import jobs as searches_jobs
from app.items.saved import views as _searches
from app.lending import api as lending_api
from app.lending import calendar as lending_calendar
from app.lending import chasing as _chasing
from app.lending import dates as _dates
from app.lending import dates_api as _dates_api
from app.lending import deposits
from app.lending import handlers as lending_handlers
from app.lending import jobs as lending_jobs
from app.lending import models as _lending
from app.lending import views as lending_views
from app.lending import wording as lending_wording
from app.lending.card_deposits import handlers as card_deposits_handlers
from app.lending.card_deposits import jobs as card_deposits_jobs
from app.lending.card_deposits import models as _card_deposits
from app.lending.card_deposits import views as card_deposits_views
from app.lending.card_deposits import wording as card_deposits_wording
from app.lending.condition import api as condition_api
from app.lending.condition import jobs as condition_jobs
from app.lending.condition import models as _condition
from app.lending.condition import views as condition_views
from app.lending.repairs import api as repairs_api
from app.lending.repairs import handlers as repairs_handlers
from app.lending.repairs import models as _repairs
from app.lending.repairs import views as repairs_views
from app.lending.repairs import wording as repairs_wording
from app.lending.transfers import api as transfers_api
from app.lending.transfers import handlers as transfers_handlers
from app.lending.transfers import jobs as transfers_jobs
from app.lending.transfers import models as _transfers
from app.lending.transfers import views as transfers_views
from app.lending.transfers import wording as transfers_wording
from app.lending.waiting import api as waiting_api
from app.lending.waiting import handlers as waiting_handlers
from app.lending.waiting import jobs as waiting_jobs
from app.lending.waiting import models as _waiting
from app.lending.waiting import views as _waiting_pages
from app.lending.waiting import wording as waiting_wording
from app.messages import models as _messages
from app.notifications import handlers as notifications_handlers
from app.notifications import jobs as notifications_jobs
from app.notifications import views as notifications_views
from app.notifications import wording as notifications_wording
from app.payments.cards import api as cards_api
from app.payments.cards import handlers as cards_handlers
from app.payments.cards import jobs as cards_jobs
from app.payments.cards import models as _cards
from app.payments.cards import views as cards_views
from app.payments.cards import wording as cards_wording
from app.payments.cash import models as _cash
from app.payments.cash import views as cash_views
from app.payments.cash import wording as cash_wording
from app.payments.differences import commands as payments_commands
from app.payments.differences import jobs as differences_jobs
from app.payments.differences import models as _differences
from app.payments.differences import views as differences_views
from app.payments.differences import wording as differences_wording
from app.payments.ledger import models as _money
from app.payments.ledger import wording as money_wording
from app.payments.ledger.subjects import Namer
from app.payments.statement import views as balance_views
from app.purchases import api as purchases_api
from app.purchases import drafts as _drafts
from app.purchases import handlers as purchases_handlers
from app.purchases import jobs as purchases_jobs
from app.purchases import models as _purchases
from app.purchases import pages as purchases_pages
from app.purchases import views as _purchases_shown
from app.purchases import wording as purchases_wording
from app.purchases.collecting import api as collecting_api
from app.purchases.collecting import handlers as collecting_handlers
from app.purchases.collecting import jobs as collecting_jobs
from app.purchases.collecting import views as collecting_views
from app.purchases.collecting import wording as collecting_wording
from app.purchases.delivery import api as delivery_api
from app.purchases.delivery import counting as _counting
from app.purchases.delivery import following as _following
from app.purchases.delivery import handing as _handing
from app.purchases.delivery import handlers as delivery_handlers
from app.purchases.delivery import jobs as delivery_jobs
from app.purchases.delivery import models as _deliveries
from app.purchases.delivery import naming as leftovers_named
from app.purchases.delivery import ordering as _ordering
from app.purchases.delivery import packing as _packing
from app.purchases.delivery import pages as delivery_pages
from app.purchases.delivery import settling as _settling
from app.purchases.delivery import wording as delivery_wording
from app.purchases.pledging import api as pledging_api
from app.purchases.pledging import handlers as pledging_handlers
from app.purchases.pledging import jobs as pledging_jobs
from app.purchases.pledging import models as _pledges
from app.purchases.pledging import naming as pledges_named
from app.purchases.pledging import views as pledging_views
from app.purchases.pledging import wording as pledging_wording
from app.reports import api as reports_api
from app.reports import handlers as reports_handlers
from app.reports import views as reports_views
from app.reports import wording as reports_wording
from app.scheduler import commands as scheduler_commands
from app.scheduler import jobs as scheduler_jobs
from app.skills import api as skills_api
from app.skills import finding as _skills_found
from app.skills import jobs as skills_jobs
from app.skills import models as _skills
from app.skills import pages as skills_pages
from app.skills import posting as _skills_posted
from app.skills import views as _skills_shown
from app.skills import wording as skills_wording
from app.skills.ledger import commands as ledger_commands
from app.skills.ledger import handlers as ledger_handlers
from app.skills.ledger import models as _ledger
from app.skills.ledger import wording as ledger_wording
from app.skills.rings import api as rings_api
from app.skills.rings import handlers as rings_handlers
from app.skills.rings import jobs as rings_jobs
from app.skills.rings import models as _rings
from app.skills.rings import views as rings_views
from app.skills.rings import wording as rings_wording
from app.skills.sessions import api as sessions_api
from app.skills.sessions import asking as _asking
from app.skills.sessions import calendar as sessions_calendar
from app.skills.sessions import handlers as sessions_handlers
from app.skills.sessions import jobs as sessions_jobs
from app.skills.sessions import models as _sessions
from app.skills.sessions import views as sessions_views
from app.skills.sessions import wording as sessions_wording
from app.skills.statement import api as time_api
from app.skills.statement import of_hub as _time_of_hub
from app.skills.statement import views as time_views
from app.skills.workshops import api as workshops_api
from app.skills.workshops import attendance as _attendance
from app.skills.workshops import calendar as workshops_calendar
from app.skills.workshops import handlers as workshops_handlers
from app.skills.workshops import jobs as workshops_jobs
from app.skills.workshops import models as _workshops
from app.skills.workshops import organizing as _organizing
from app.skills.workshops import pages as workshops_pages
from app.skills.workshops import views as _workshop_pages
from app.skills.workshops import wording as workshops_wording

PAGES_ELSEWHERE = (
    _asking,
    _changing,
    _desk_line,
    _desk,
    _drafts,
    _purchases_shown,
    _chasing,
    _dates,
    _dates_api,
    _finding,
    _hub_page,
    _item_pages,
    _labels_opened,
    _posting,
    _searches,
    _serving,
    _setting_right,
    _shift,
    _skills_found,
    _skills_posted,
    _skills_shown,
    _time_of_hub,
    _waiting_pages,
    _attendance,
    _organizing,
    _workshop_pages,
    _counting,
    _following,
    _handing,
    _ordering,
    _packing,
    _settling,
)
"""Pages that stand in a file of their own, or under another room's address."""

TABLES = (
    _accounts,
    _audit,
    _idempotency,
    _lending,
    _condition,
    _repairs,
    _messages,
    _jobs,
    _imports,
    _labels,
    _waiting,
    _transfers,
    _offline,
    _skills,
    _workshops,
    _ledger,
    _calendar,
    _sessions,
    _rings,
    _purchases,
    _pledges,
    _deliveries,
    _money,
    _cash,
    _differences,
    _cards,
    _card_deposits,
)
"""Every room with tables, so that the migrations see them all."""

WORDING = (
    core_wording.SENTENCES,
    accounts_wording.SENTENCES,
    hubs_wording.SENTENCES,
    notifications_wording.SENTENCES,
    home_wording.SENTENCES,
    finding_wording.SENTENCES,
    items_wording.SENTENCES,
    imports_wording.SENTENCES,
    labels_wording.SENTENCES,
    kits_wording.SENTENCES,
    lending_wording.SENTENCES,
    waiting_wording.SENTENCES,
    transfers_wording.SENTENCES,
    repairs_wording.SENTENCES,
    card_deposits_wording.SENTENCES,
    reports_wording.SENTENCES,
    skills_wording.SENTENCES,
    ledger_wording.SENTENCES,
    sessions_wording.SENTENCES,
    workshops_wording.SENTENCES,
    rings_wording.SENTENCES,
    purchases_wording.SENTENCES,
    delivery_wording.SENTENCES,
    pledging_wording.SENTENCES,
    collecting_wording.SENTENCES,
    money_wording.SENTENCES,
    cash_wording.SENTENCES,
    differences_wording.SENTENCES,
    cards_wording.SENTENCES,
    counter_wording.SENTENCES,
    offline_wording.SENTENCES,
    admin_wording.SENTENCES,
)

BLUEPRINTS: Sequence[Blueprint] = (
    home_views.blueprint,
    calendar_views.blueprint,
    accounts_views.blueprint,
    hubs_views.blueprint,
    items_pages.blueprint,
    imports_views.blueprint,
    labels_views.blueprint,
    kits_views.blueprint,
    notifications_views.blueprint,
    admin_views.blueprint,
    lending_views.blueprint,
    card_deposits_views.blueprint,
    transfers_views.blueprint,
    condition_views.blueprint,
    repairs_views.blueprint,
    reports_views.blueprint,
    sessions_views.blueprint,
    workshops_pages.blueprint,
    skills_pages.blueprint,
    rings_views.blueprint,
    time_views.blueprint,
    purchases_pages.blueprint,
    balance_views.blueprint,
    cash_views.blueprint,
    differences_views.blueprint,
    cards_views.blueprint,
    collecting_views.blueprint,
    pledging_views.blueprint,
    delivery_pages.blueprint,
    counter_pages.blueprint,
    offline_views.blueprint,
    api_views.blueprint,
    operations.blueprint,
)
"""Pages for people."""

CALLS: Sequence[Calls] = (
    accounts_api.blueprint,
    geo_api.blueprint,
    hubs_api.blueprint,
    items_api.blueprint,
    kits_api.blueprint,
    searches_api.blueprint,
    items_uploads.blueprint,
    lending_api.blueprint,
    waiting_api.blueprint,
    transfers_api.blueprint,
    condition_api.blueprint,
    repairs_api.blueprint,
    reports_api.blueprint,
    sessions_api.blueprint,
    workshops_api.blueprint,
    skills_api.blueprint,
    rings_api.blueprint,
    time_api.blueprint,
    collecting_api.blueprint,
    delivery_api.blueprint,
    purchases_api.blueprint,
    pledging_api.blueprint,
    cards_api.blueprint,
    counter_api.blueprint,
)
"""Calls for programs, room by room."""

HANDLERS: Handlers = {
    accounts_events.SignedUp: [notifications_handlers.ask_to_confirm],
    accounts_events.SignUpRepeated: [notifications_handlers.remind_of_account],
    accounts_events.ConfirmationAsked: [notifications_handlers.ask_to_confirm],
    accounts_events.ResidentMade: [notifications_handlers.welcome],
    accounts_events.PasswordResetAsked: [notifications_handlers.send_password_link],
    accounts_events.PasswordChanged: [notifications_handlers.tell_password_changed],
    accounts_events.HomeMoved: [home_handlers.move_objects, home_handlers.move_skills],
    hubs_events.MembershipVerified: [home_handlers.tell_membership],
    hubs_events.MembershipSuspended: [home_handlers.tell_membership, waiting_handlers.skip_suspended],
    hubs_events.MembershipLifted: [home_handlers.tell_membership],
    hubs_events.OpeningDaysChanged: [
        lending_handlers.leave_closed_days,
        waiting_handlers.leave_closed_days,
    ],
    items_events.ItemRetired: [waiting_handlers.end_line],
    lending_events.LoanRequested: [lending_handlers.tell_requested],
    lending_events.LoanReserved: [lending_handlers.tell_reserved],
    lending_events.LoanDeclined: [lending_handlers.tell_declined],
    lending_events.LoanCancelled: [lending_handlers.tell_cancelled],
    lending_events.LoanExpired: [lending_handlers.tell_expired],
    lending_events.LoanPickUpExtended: [lending_handlers.tell_pick_up_kept],
    lending_events.LoanGiven: [lending_handlers.tell_given],
    lending_events.LoanGivingContested: [lending_handlers.tell_contested],
    lending_events.LoanCheckedOut: [lending_handlers.tell_checked_out],
    lending_events.LoanCheckOutUndone: [lending_handlers.untell_checked_out],
    lending_events.LoanReturned: [lending_handlers.tell_returned, lending_handlers.lift_suspension],
    lending_events.LoanReturnUndone: [lending_handlers.untell_returned],
    lending_events.LoanRenewed: [lending_handlers.tell_renewed],
    lending_events.LoanDueMoved: [lending_handlers.tell_due_moved],
    lending_events.LoanDaysChanged: [lending_handlers.tell_days_changed],
    lending_events.LoansMoved: [lending_handlers.tell_days_moved],
    lending_events.LoanOverdue: [lending_handlers.tell_late_before, waiting_handlers.tell_late],
    lending_events.LoanLost: [lending_handlers.tell_lost],
    lending_events.RepairOpened: [lending_handlers.tell_repair_opened],
    waiting_events.PlaceReady: [waiting_handlers.tell_ready],
    waiting_events.PlaceAnswered: [waiting_handlers.untell_ready],
    waiting_events.PlaceStoodBack: [waiting_handlers.tell_stood_back],
    waiting_events.PlaceLapsed: [waiting_handlers.tell_lapsed],
    waiting_events.PlaceEnded: [waiting_handlers.tell_ended],
    transfers_events.TransferRequested: [transfers_handlers.tell_requested],
    transfers_events.TransferSent: [transfers_handlers.tell_sent],
    transfers_events.TransferReceived: [transfers_handlers.tell_received],
    transfers_events.TransferCancelled: [transfers_handlers.tell_cancelled],
    transfers_events.ReservationMoved: [lending_handlers.tell_moved],
    lending_events.RepairMoved: [repairs_handlers.tell_repair_moved],
    messages_events.MessagePosted: [lending_handlers.tell_message, sessions_handlers.tell_message],
    sessions_events.SessionAsked: [sessions_handlers.tell_asked],
    sessions_events.SessionTimesProposed: [sessions_handlers.tell_proposed],
    sessions_events.SessionAccepted: [sessions_handlers.tell_accepted],
    sessions_events.SessionDeclined: [sessions_handlers.tell_declined],
    sessions_events.SessionCancelled: [sessions_handlers.tell_cancelled],
    sessions_events.SessionSaid: [sessions_handlers.tell_said],
    sessions_events.SessionConfirmed: [sessions_handlers.tell_confirmed],
    sessions_events.SessionDisputed: [sessions_handlers.tell_disputed],
    sessions_events.SessionEnded: [sessions_handlers.tell_ended],
    workshops_events.WorkshopRegistered: [workshops_handlers.tell_registered],
    workshops_events.WorkshopLeft: [workshops_handlers.tell_left],
    workshops_events.WorkshopPlaceOffered: [workshops_handlers.tell_offered],
    workshops_events.WorkshopPlaceAnswered: [workshops_handlers.untell_offered],
    workshops_events.WorkshopPlaceLapsed: [workshops_handlers.tell_lapsed],
    workshops_events.WorkshopPlaceTakenBack: [workshops_handlers.tell_taken_back],
    workshops_events.WorkshopsChanged: [workshops_handlers.tell_changed],
    workshops_events.WorkshopsCancelled: [workshops_handlers.tell_cancelled],
    workshops_events.WorkshopRestored: [workshops_handlers.tell_restored],
    workshops_events.FacilitatorNamed: [workshops_handlers.tell_facilitator],
    workshops_events.FacilitatorPaid: [workshops_handlers.tell_paid],
    workshops_events.WorkshopAttended: [workshops_handlers.tell_induced],
    workshops_events.WorkshopAttendanceUndone: [workshops_handlers.untell_induced],
    workshops_events.WorkshopNeedAsked: [workshops_handlers.ask_owner],
    workshops_events.WorkshopNeedAnswered: [workshops_handlers.tell_answer],
    workshops_events.WorkshopObjectMissing: [workshops_handlers.tell_missing],
    skills_events.SkillPosted: [rings_handlers.look_around],
    skills_events.RingProposed: [rings_handlers.tell_proposed],
    skills_events.RingAgreed: [rings_handlers.tell_agreed],
    skills_events.RingEnded: [rings_handlers.tell_ended],
    purchases_events.CampaignChanged: [purchases_handlers.tell_changed],
    purchases_events.CampaignPrepared: [purchases_handlers.tell_prepared],
    purchases_events.CampaignNotOpened: [purchases_handlers.tell_not_opened],
    purchases_events.CampaignCancelled: [purchases_handlers.tell_called_off, collecting_handlers.let_go],
    purchases_events.CampaignCollecting: [purchases_handlers.untell, collecting_handlers.begin],
    reports_events.ItemReported: [reports_handlers.tell_who_answers],
    reports_events.ReportSettled: [reports_handlers.thank_reporter],
    time_events.MinutesMoved: [ledger_handlers.tell_moved],
    time_events.MinutesReversed: [ledger_handlers.tell_reversed],
    time_events.TimeLimitNear: [ledger_handlers.tell_near],
    purchases_events.GoodsArrived: [delivery_handlers.tell_arrived],
    purchases_events.PledgePickedUp: [delivery_handlers.tell_picked_up],
    payments_events.CardSaved: [
        pledging_handlers.count_pledge,
        collecting_handlers.try_again,
        card_deposits_handlers.keep,
    ],
    payments_events.AttemptEnded: [collecting_handlers.go_on, card_deposits_handlers.keep],
    payments_events.CardNeedsAttention: [
        collecting_handlers.tell_attention,
        card_deposits_handlers.tell_attention,
    ],
    payments_events.RefundMade: [cards_handlers.tell_refunded],
    purchases_events.PledgeRemoved: [collecting_handlers.tell_removed],
    purchases_events.MinimumReached: [pledging_handlers.tell_minimum],
    purchases_events.PledgeLapsed: [pledging_handlers.tell_lapsed],
    purchases_events.CampaignFailed: [purchases_handlers.untell, pledging_handlers.tell_failed],
    purchases_events.CampaignSucceeded: [purchases_handlers.untell, pledging_handlers.tell_succeeded],
}

TIMETABLE: Sequence[Job] = (
    Job("notifications.send_mail", 5, notifications_jobs.send_mail),
    Job("lending.expire_requests", 60, lending_jobs.expire_requests),
    Job("lending.remind_owners", 300, lending_jobs.remind_owners),
    Job("lending.turn_pick_up_clocks", 60, lending_jobs.turn_pick_up_clocks),
    Job("lending.push_uncertain_claims", 300, lending_jobs.push_uncertain_claims),
    Job("lending.push_transfers", 300, transfers_jobs.push_transfers),
    Job("lending.send_reminders", 60, lending_jobs.send_reminders),
    Job("lending.suspend_late", 3600, lending_jobs.suspend_late),
    Job("lending.count_one_sided_hand_overs", 300, lending_jobs.count_one_sided_hand_overs),
    Job("lending.lapse_holds", 60, waiting_jobs.lapse_holds),
    Job("lending.serve_lines", 300, waiting_jobs.serve_lines),
    Job("lending.keep_deposits", 60, card_deposits_jobs.keep_deposits),
    Job("lending.forget_past_loans", 86_400, condition_jobs.forget_past_loans),
    Job("items.sweep_photos", 3600, items_jobs.sweep_photos),
    Job("items.place_anew", 86_400, items_jobs.place_anew),
    Job("items.count_words", 3600, items_jobs.count_words),
    Job("skills.count_words", 3600, skills_jobs.count_words),
    Job("skills.place_anew", 86_400, skills_jobs.place_anew),
    Job("skills.propose_rings", 21_600, rings_jobs.propose),
    Job("skills.expire_rings", 3600, rings_jobs.expire),
    Job("items.tell_new_objects", 300, searches_jobs.tell_new_objects),
    Job("items.write_imports", 3, imports_jobs.write_imports),
    Job("items.forget_imports", 3600, imports_jobs.forget_imports),
    Job("workshops.serve_lines", 60, workshops_jobs.serve_lines),
    Job("workshops.fill_series", 3600, workshops_jobs.fill_series),
    Job("workshops.keep_objects", 900, workshops_jobs.keep_objects),
    Job("workshops.remind", 300, workshops_jobs.remind),
    Job("counter.forget_settled_scans", 86_400, offline_jobs.forget_settled),
    Job("purchases.lapse_pledges", 60, pledging_jobs.lapse),
    Job("purchases.close", 15, pledging_jobs.close),
    Job("purchases.collect", 60, collecting_jobs.collect),
    Job("sessions.close", 60, sessions_jobs.close),
    Job("sessions.remind", 60, sessions_jobs.remind),
    Job("sessions.forget_words", 86_400, sessions_jobs.forget_words),
    Job("payments.carry_out", 5, cards_jobs.carry_out),
    Job("payments.compare", 86_400, differences_jobs.compare_all),
    Job("payments.read_webhooks", 5, cards_jobs.read_webhooks),
    Job("purchases.send_orders", 30, delivery_jobs.send_orders),
    Job("purchases.remind_of_slots", 300, delivery_jobs.remind_of_slots),
    Job("purchases.open_ready", 60, purchases_jobs.open_ready),
    Job("purchases.tell_neighbours", 60, purchases_jobs.tell_neighbours),
    Job("purchases.prepare_next", 900, purchases_jobs.prepare_next),
    Job("core.deliver_events", 5, scheduler_jobs.deliver_events),
    Job("core.purge", 3600, scheduler_jobs.purge),
)
"""What is done when time passes; seconds between two runs."""

STARTS: Sequence[Callable[[Flask], None]] = (
    lambda app: api_views.start(app, list(CALLS)),
    lending_views.start,
    scheduler_commands.start,
    items_commands.start,
    ledger_commands.start,
    payments_commands.start,
    lambda app: app.cli.add_command(setup_commands.setup),
    lambda app: app.cli.add_command(demo_commands.demo),
)
"""What a room hangs on the application when it is made: commands, hooks."""

CALENDARS: Sequence[Callable[..., list[Happening]]] = (
    lending_calendar.happenings_of,
    sessions_calendar.happenings_of,
    workshops_calendar.happenings_of,
)
"""What each room has on somebody's calendar: `happenings_of(resident_id, *, first, last)`."""

SUBJECTS: Mapping[str, Namer] = {
    "loan": deposits.named,
    "leftover": leftovers_named.named,
    "pledge": pledges_named.named,
}
"""How each room calls what money is for: "pledge:34"."""

EXPORTS: Sequence[Callable[..., object]] = ()
ERASURES: Sequence[Callable[..., None]] = ()
