"""Whose turn a person's answers are: their audience tokens, in one query where the ORM takes four."""

from django.conf import settings
from django.contrib.auth.models import User

from flows.models import ANYONE
from flows.models.interrupt import audience_tokens
from flows.store.connection import prepared

BACKEND = "django.contrib.auth.backends.ModelBackend"  # whose rules the query below repeats

# The groups of a person, and whether they or one of these have the permission flows.respond_interrupt. By
# the unique indexes on person and group, person and permission, group and permission.
RIGHTS = """
SELECT array(SELECT g.name FROM auth_group g JOIN auth_user_groups m ON m.group_id = g.id
        WHERE m.user_id = %(id)s),
    EXISTS (SELECT FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
        WHERE p.codename = 'respond_interrupt' AND t.app_label = 'flows' AND (
            EXISTS (SELECT FROM auth_user_user_permissions u
                WHERE u.user_id = %(id)s AND u.permission_id = p.id)
            OR EXISTS (SELECT FROM auth_group_permissions gp
                JOIN auth_user_groups m ON m.group_id = gp.group_id
                WHERE m.user_id = %(id)s AND gp.permission_id = p.id)))
"""


def tokens_of(user: User) -> list[str]:
    """What `audience_tokens` gives, of an active user, as it is at this moment.

    Sites that ask somebody else about permissions are asked the usual way.
    """
    if list(settings.AUTHENTICATION_BACKENDS) != [BACKEND]:
        return audience_tokens(user)
    with prepared() as cursor:
        cursor.execute(RIGHTS, {"id": user.pk})
        groups, may_respond = cursor.fetchone()
    tokens = [f"g:{name}" for name in groups] + [f"u:{user.get_username()}"]
    return [*tokens, ANYONE] if may_respond else tokens
