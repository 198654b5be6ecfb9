"""Signatures and templates: registered, decided on, and then let through or not."""

import asyncio

import pytest

from hongyan.accounts import service as accounts
from hongyan.accounts.errors import AccountNotFound
from hongyan.content import service
from hongyan.content.book import Match, Mismatch, load_book
from hongyan.content.errors import (
    ReviewInvalid,
    SignatureExists,
    SignatureInvalid,
    SignatureNotFound,
    SignatureRejected,
    TemplateExists,
    TemplateInvalid,
    TemplateNotFound,
)
from hongyan.content.model import MessageKind, ReviewState, Signature, Template
from hongyan.db.connection import AnyConnection
from hongyan.db.pool import Pool
from tests.integration.notices import notices

BODY = "您的验证码是{1}"
TEXT = "【鸿雁】您的验证码是1234"


async def an_account(pool: Pool, name: str = "demo") -> int:
    async with pool.acquire() as connection:
        return (await accounts.create_account(connection, name=name, price_per_segment=45, actor="test")).account_id


async def a_signature(connection: AnyConnection, account_id: int, text: str = "鸿雁") -> Signature:
    return await service.register_signature(connection, account_id=account_id, text=text, actor="test")


async def a_template(
    connection: AnyConnection, account_id: int, body: str = BODY, signature_id: int | None = None
) -> Template:
    return await service.register_template(
        connection,
        account_id=account_id,
        body=body,
        kind=MessageKind.VERIFICATION,
        signature_id=signature_id,
        actor="test",
    )


async def match(pool: Pool, account_id: int, text: str = TEXT) -> Match | Mismatch:
    async with pool.acquire() as connection:
        return (await load_book(connection)).match(account_id, text)


async def test_nothing_goes_out_before_both_signature_and_template_are_approved(pool: Pool) -> None:
    account_id = await an_account(pool)
    async with pool.acquire() as connection:
        signature = await a_signature(connection, account_id)
        template = await a_template(connection, account_id)
        pending = await match(pool, account_id)
        await service.approve_signature(connection, signature.signature_id, actor="reviewer")
        half = await match(pool, account_id)
        await service.approve_template(connection, template.template_id, actor="reviewer")

    assert pending is Mismatch.SIGNATURE_UNREGISTERED
    assert half is Mismatch.TEXT_UNREGISTERED
    assert await match(pool, account_id) == Match(
        signature.signature_id, template.template_id, MessageKind.VERIFICATION
    )


async def test_what_is_rejected_later_goes_out_no_more(pool: Pool) -> None:
    account_id = await an_account(pool)
    async with pool.acquire() as connection:
        signature = await a_signature(connection, account_id)
        template = await a_template(connection, account_id, signature_id=signature.signature_id)
        await service.approve_signature(connection, signature.signature_id, actor="reviewer")
        await service.approve_template(connection, template.template_id, actor="reviewer")
        approved = await match(pool, account_id)
        await service.reject_template(connection, template.template_id, reason="not yours", actor="reviewer")

    assert isinstance(approved, Match)
    assert await match(pool, account_id) is Mismatch.TEXT_UNREGISTERED


async def test_a_template_bound_to_a_rejected_signature_is_not_in_the_book(pool: Pool) -> None:
    account_id = await an_account(pool)
    async with pool.acquire() as connection:
        first, other = await a_signature(connection, account_id), await a_signature(connection, account_id, "白鹤")
        template = await a_template(connection, account_id, signature_id=first.signature_id)
        await service.approve_template(connection, template.template_id, actor="reviewer")
        await service.approve_signature(connection, other.signature_id, actor="reviewer")
        await service.reject_signature(connection, first.signature_id, reason="not yours", actor="reviewer")

    assert await match(pool, account_id) is Mismatch.SIGNATURE_UNREGISTERED
    assert await match(pool, account_id, "【白鹤】您的验证码是1234") is Mismatch.TEXT_UNREGISTERED


async def test_only_decisions_are_announced(pool: Pool) -> None:
    account_id = await an_account(pool)
    async with notices(pool) as heard, pool.acquire() as connection:
        signature = await a_signature(connection, account_id)
        template = await a_template(connection, account_id)
        registered = list(heard)
        await service.approve_signature(connection, signature.signature_id, actor="reviewer")
        await service.approve_template(connection, template.template_id, actor="reviewer")
        await service.reject_signature(connection, signature.signature_id, reason="no", actor="reviewer")
        await service.reject_template(connection, template.template_id, reason="no", actor="reviewer")

    assert registered == []
    assert heard == ["content"] * 4


async def test_a_decision_is_kept_with_its_reason(pool: Pool) -> None:
    account_id = await an_account(pool)
    async with pool.acquire() as connection:
        signature = await a_signature(connection, account_id)
        rejected = await service.reject_signature(
            connection, signature.signature_id, reason=" 缺少商标证明 ", actor="reviewer"
        )
        approved = await service.approve_signature(connection, signature.signature_id, actor="reviewer")

    assert (rejected.state, rejected.reason) == (ReviewState.REJECTED, "缺少商标证明")
    assert rejected.decided_at is not None
    assert (approved.state, approved.reason) == (ReviewState.APPROVED, "")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201, "a\x00b"])
async def test_a_rejection_says_why(pool: Pool, reason: str) -> None:
    async with pool.acquire() as connection:
        with pytest.raises(ReviewInvalid):
            await service.reject_signature(connection, 1, reason=reason, actor="reviewer")
        with pytest.raises(ReviewInvalid):
            await service.reject_template(connection, 1, reason=reason, actor="reviewer")


async def test_a_decision_needs_something_to_decide_on(pool: Pool) -> None:
    async with pool.acquire() as connection:
        with pytest.raises(SignatureNotFound):
            await service.approve_signature(connection, 999, actor="reviewer")
        with pytest.raises(TemplateNotFound):
            await service.approve_template(connection, 999, actor="reviewer")


@pytest.mark.parametrize("text", ["", "鸿", "鸿" * 13, "【鸿雁】", "鸿 雁", "鸿\n雁", "鸿\x00雁", "鸿雁】"])
async def test_a_signature_that_cannot_be_is_refused(pool: Pool, text: str) -> None:
    account_id = await an_account(pool)
    async with pool.acquire() as connection:
        with pytest.raises(SignatureInvalid):
            await a_signature(connection, account_id, text)


@pytest.mark.parametrize("text", ["鸿雁", "Hongyan", "鸿雁Hongyan.cn", "鸿" * 12])
async def test_a_signature_has_2_to_12_characters(pool: Pool, text: str) -> None:
    account_id = await an_account(pool)
    async with pool.acquire() as connection:
        signature = await a_signature(connection, account_id, text)

        assert (signature.text, signature.state) == (text, ReviewState.PENDING)
        assert await service.find_signature(connection, account_id, text) == signature


async def test_a_signature_is_registered_once_until_it_is_rejected(pool: Pool) -> None:
    account_id = await an_account(pool)
    async with pool.acquire() as connection:
        first = await a_signature(connection, account_id)
        with pytest.raises(SignatureExists):
            await a_signature(connection, account_id)
        await service.reject_signature(connection, first.signature_id, reason="no", actor="reviewer")
        again = await a_signature(connection, account_id)

    assert again.signature_id == first.signature_id
    assert (again.state, again.reason, again.decided_at) == (ReviewState.PENDING, "", None)


async def test_two_accounts_may_have_one_signature(pool: Pool) -> None:
    one, other = await an_account(pool, "one"), await an_account(pool, "other")
    async with pool.acquire() as connection:
        first, second = await a_signature(connection, one), await a_signature(connection, other)

        assert first.signature_id != second.signature_id
        with pytest.raises(SignatureNotFound):
            await service.find_signature(connection, one, "白鹤")
        with pytest.raises(AccountNotFound):
            await a_signature(connection, 999)


async def test_a_template_names_its_flaws(pool: Pool) -> None:
    account_id = await an_account(pool)
    async with pool.acquire() as connection:
        with pytest.raises(TemplateInvalid) as caught:
            await a_template(connection, account_id, "【甲】{1}{2}")

    assert {problem.field for problem in caught.value.problems} == {"body"}
    assert len(caught.value.problems) == 2


async def test_a_template_is_bound_only_to_a_usable_signature_of_its_account(pool: Pool) -> None:
    one, other = await an_account(pool, "one"), await an_account(pool, "other")
    async with pool.acquire() as connection:
        own, foreign = await a_signature(connection, one), await a_signature(connection, other)
        with pytest.raises(SignatureNotFound):
            await a_template(connection, one, signature_id=foreign.signature_id)
        with pytest.raises(SignatureNotFound):
            await a_template(connection, one, signature_id=999)
        await service.reject_signature(connection, own.signature_id, reason="no", actor="reviewer")
        with pytest.raises(SignatureRejected):
            await a_template(connection, one, signature_id=own.signature_id)
        with pytest.raises(AccountNotFound):
            await a_template(connection, 999)


async def test_the_same_template_is_registered_once_even_by_two_at_once(pool: Pool) -> None:
    account_id = await an_account(pool)

    async def register() -> Template | TemplateExists:
        async with pool.acquire() as connection:
            try:
                return await a_template(connection, account_id)
            except TemplateExists as error:
                return error

    answers = await asyncio.gather(*(register() for _ in range(6)))

    made = [answer for answer in answers if isinstance(answer, Template)]
    assert len(made) == 1
    assert {answer.details["template_id"] for answer in answers if isinstance(answer, TemplateExists)} == {
        made[0].template_id
    }


async def test_a_rejected_template_may_be_registered_again_and_another_binding_is_another_template(pool: Pool) -> None:
    account_id = await an_account(pool)
    async with pool.acquire() as connection:
        signature = await a_signature(connection, account_id)
        first = await a_template(connection, account_id)
        await service.reject_template(connection, first.template_id, reason="no", actor="reviewer")

        again = await a_template(connection, account_id)
        bound = await a_template(connection, account_id, signature_id=signature.signature_id)

    assert len({first.template_id, again.template_id, bound.template_id}) == 3


async def test_lists_are_read_page_by_page_and_by_account_and_state(pool: Pool) -> None:
    one, other = await an_account(pool, "one"), await an_account(pool, "other")
    async with pool.acquire() as connection:
        signatures = [await a_signature(connection, one, f"签名{number}") for number in range(3)]
        await a_signature(connection, other)
        templates = [await a_template(connection, one, f"模板{number}{{1}}") for number in range(3)]
        await a_template(connection, other)
        approved = await service.approve_template(connection, templates[1].template_id, actor="reviewer")

        assert await service.list_signatures(connection, account_id=one) == signatures
        assert len(await service.list_signatures(connection)) == 4
        assert await service.list_signatures(connection, state=ReviewState.APPROVED) == []
        page = await service.list_templates(connection, account_id=one, limit=2)
        rest = await service.list_templates(connection, account_id=one, after=page[-1].template_id, limit=2)
        assert page + rest == [templates[0], approved, templates[2]]
        assert await service.list_templates(connection, state=ReviewState.APPROVED) == [approved]
