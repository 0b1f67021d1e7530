"""A visitor's conversations: listed, and rated once they are over."""

from channels.webchat.names import clean_text
from desk import chat_conversations
from desk.chat_conversations import ChatCase
from tickets import ratings
from web.chat_endpoint import ChatCall
from web.chat_room import conversation
from web.chat_shapes import ConversationsView, Rate


async def get_conversations(call: ChatCall) -> ConversationsView:
    """The visitor's own conversations, the one last spoken in first, with their first words."""
    visitor = await call.visitor()
    call.room.pace.take(("reads", visitor.id), per_second=2.0, burst=60.0)
    async with call.room.house.database.reading() as session:
        items = await chat_conversations.conversations(session, conversation(visitor), titles=True)
    return ConversationsView(items=items)


async def post_rating(call: ChatCall) -> ChatCase:
    """Say how the help was, once the conversation is over; it may be said anew."""
    visitor = await call.visitor()
    call.room.pace.take(("rating", visitor.id), per_second=0.1, burst=10.0)
    body: Rate = await call.body(Rate)
    whose, house = conversation(visitor), call.room.house
    async with house.database.transaction() as session:
        ticket = await chat_conversations.conversation_of(session, whose, body.conversation)
        await ratings.rate(
            session,
            ticket,
            score=body.score,
            comment=clean_text(body.comment),
            now=house.clock.now(),
        )
        return await chat_conversations.case_of(session, whose, ticket)
