"""Who may say what somebody teaches and wants to learn. Pure: plain values in, reasons out; none means yes."""


def why_not_change(resident_id: int, actor_id: int) -> list[str]:
    """Each for herself."""
    return [] if resident_id == actor_id else ["skills.only_hers"]


def why_not_act_for(*, has_email: bool, member_here: bool) -> list[str]:
    """At the counter volunteers write for those of their hub who have no e-mail address; others do it themselves."""
    if has_email:
        return ["skills.has_email"]
    return [] if member_here else ["skills.not_member_here"]


def sees(state: str, resident_id: int, viewer_id: int | None) -> bool:
    """What is open is for everybody, what is paused for its own resident, who also finds what she closed."""
    return state == "open" or resident_id == viewer_id
