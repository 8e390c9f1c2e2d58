"""Every code that an answer may carry: its HTTP status, whether to try again, why, and what to do."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Entry:
    """What a code means. `retryable`: the same request may succeed later, unchanged."""

    status: int
    retryable: bool
    cause: str | Promise
    remedy: str | Promise


def _entry(
    status: int, cause: str | Promise, remedy: str | Promise, *, retryable: bool = False
) -> Entry:
    return Entry(status, retryable, cause, remedy)


# --- the request as such ----------------------------------------------------------------------------
_REQUEST = {
    "json_malformed": _entry(
        400, _("The body is not JSON."), _("Send one JSON object, encoded as UTF-8.")
    ),
    "json_duplicate_key": _entry(
        400, _("A key stands twice in one object."), _("Write every key once.")
    ),
    "json_number_not_whole": _entry(
        400,
        _("A number is not whole."),
        _("Write amounts in fen and quantities in pieces, without point or exponent."),
    ),
    "json_too_deep": _entry(
        400, _("The body is nested too deep."), _("Send the shape that the documentation shows.")
    ),
    "body_unreadable": _entry(
        400,
        _("The body did not arrive as announced."),
        _("Send it again, with its exact Content-Length."),
        retryable=True,
    ),
    "route_unknown": _entry(
        404, _("There is no such address."), _("Compare method and path with the documentation.")
    ),
    "method_not_allowed": _entry(
        405, _("The address does not know this method."), _("Use one that the Allow header names.")
    ),
    "length_required": _entry(
        411, _("The length of the body is not announced."), _("Send Content-Length.")
    ),
    "body_too_large": _entry(
        413, _("The body is too large."), _("Send fewer items a request; see /meta/limits.")
    ),
    "content_type_unsupported": _entry(
        415, _("The body is not said to be JSON."), _("Send Content-Type: application/json.")
    ),
    "content_encoding_unsupported": _entry(
        415, _("The body is compressed."), _("Send it as it is.")
    ),
}

# --- who calls ----------------------------------------------------------------------------------------
_CALLER = {
    "signature_invalid": _entry(
        401,
        _("A signature header is missing or malformed, or key and signature do not match."),
        _(
            "Compare values.string_to_sign with the string you signed; check the key and its secret."
        ),
    ),
    "timestamp_skew": _entry(
        401,
        _("The timestamp is too far from our time."),
        _("Set your clock by values.server_timestamp and sign again."),
    ),
    "nonce_reused": _entry(
        401,
        _("The nonce has been used before."),
        _("Draw a new random nonce for every request, for repeated ones too."),
    ),
    "ip_not_allowed": _entry(
        403,
        _("The key may not be used from this address."),
        _("Add the address that values.ip names to your list in the portal."),
    ),
    "side_not_allowed": _entry(
        403,
        _("The call is for keys of the other side: distributors' or suppliers'."),
        _("Calls below /supplier/ need a supplier's key, all others a distributor's."),
    ),
    "scope_missing": _entry(
        403,
        _("The key lacks the scope that this call needs."),
        _("Make a key that has the scope which values.scope names."),
    ),
    "distributor_suspended": _entry(
        403, _("Your account may not order now."), _("Ask the platform; values.reason says why.")
    ),
    "rate_limited": _entry(
        429,
        _("Too many requests."),
        _("Wait for the seconds of Retry-After; use batches."),
        retryable=True,
    ),
}

# --- fields ---------------------------------------------------------------------------------------------
_FIELDS = {
    "validation_failed": _entry(
        422, _("Some fields are not as they must be."), _("Correct each place that errors names.")
    ),
    "required": _entry(422, _("A required field is missing."), _("Add it.")),
    "unknown_field": _entry(422, _("A field is not known."), _("Remove it, or correct its name.")),
    "repeated_parameter": _entry(
        422, _("A parameter stands twice."), _("Send every parameter once.")
    ),
    "wrong_type": _entry(
        422, _("A value is of the wrong JSON type."), _("Send the type that values.expected names.")
    ),
    "not_allowed": _entry(
        422, _("A value is not one of those allowed."), _("Send one that values.allowed names.")
    ),
    "blank": _entry(422, _("A text is empty."), _("Fill it in.")),
    "too_long": _entry(422, _("A text is too long."), _("Shorten it to values.limit characters.")),
    "control_characters": _entry(
        422, _("A text holds control characters."), _("Remove line ends and control characters.")
    ),
    "wrong_format": _entry(
        422, _("A text is not of the form needed."), _("Write it in the form of values.form.")
    ),
    "too_small": _entry(422, _("A number is too small."), _("Send values.limit or more.")),
    "too_large": _entry(422, _("A number is too large."), _("Send values.limit or less.")),
    "too_few": _entry(422, _("A list holds too little."), _("Send values.limit items or more.")),
    "too_many": _entry(
        422, _("A list holds too much."), _("Split it; values.limit items are allowed.")
    ),
    "batch_too_large": _entry(
        422, _("A batch holds too many orders."), _("Split it; values.limit orders are allowed.")
    ),
    "cursor_invalid": _entry(
        422,
        _("The cursor is none of ours, or belongs to another list."),
        _("Start without “after”, and pass on “next” unchanged."),
    ),
    "line_id_repeated": _entry(
        422, _("Two lines carry one line_id."), _("Give every line of an order its own line_id.")
    ),
    "expected_price_missing": _entry(
        422,
        _("A line names neither price nor quote."),
        _("Send expected_agreement_price_fen, or a quote_id whose quote holds the sku."),
    ),
    "quantity_rule": _entry(
        422,
        _("A quantity is not one in which the sku is sold."),
        _("Keep to min_quantity, max_quantity and multiple, counted over all lines of the sku."),
    ),
    "total_too_large": _entry(
        422, _("The order comes to too much money."), _("Split it into several orders.")
    ),
    "reason_unknown": _entry(
        422, _("The reason is not known."), _("Send a code that /meta/reasons lists for this use.")
    ),
    "words_missing": _entry(422, _("Some words are needed."), _("Say why, in a sentence.")),
    "picture_format_not_allowed": _entry(
        415,
        _("It is no JPEG, PNG or WebP picture."),
        _("Send the picture itself as the body, with its Content-Type: image/jpeg and so on."),
    ),
    "picture_too_large": _entry(
        413, _("The picture has too many bytes."), _("Send a smaller one; 5 MB are allowed.")
    ),
    "picture_has_too_many_pixels": _entry(
        422, _("The picture has too many pixels."), _("Scale it down; 25 megapixels are allowed.")
    ),
    "picture_unreadable": _entry(
        422, _("The picture is damaged or incomplete."), _("Send it again, whole.")
    ),
    "evidence_required": _entry(
        422,
        _("The reason needs pictures."),
        _("Upload one by POST /uploads, and name its upload_id in evidence."),
    ),
    "evidence_unknown": _entry(
        422,
        _("A picture is not there, or is used already."),
        _("Upload it by POST /uploads; every picture belongs to one case or claim."),
    ),
    "carrier_unknown": _entry(
        422, _("The carrier is not known."), _("Send a code that /meta/carriers lists.")
    ),
    "scan_status_unknown": _entry(
        422,
        _("The status of a scan is not known."),
        _("Send one that the description of the carriers' interface names."),
    ),
    "scan_in_future": _entry(
        422, _("A scan lies in the future."), _("Set your clock by values.server_time.")
    ),
    "too_many_scans": _entry(
        422, _("Too many scans were sent at once."), _("Split them; values.limit are allowed.")
    ),
    "tracking_no_unreadable": _entry(
        422,
        _("It cannot be a tracking number."),
        _("Send 5 to 40 letters, digits and dashes."),
    ),
    "region_unknown": _entry(
        422,
        _("The province is not known."),
        _("Send a name or code that /meta/regions lists."),
    ),
}

# --- the state of the world -------------------------------------------------------------------------------
_WORLD = {
    "not_found": _entry(404, _("It is not there, or it is not yours."), _("Check the number.")),
    "idempotency_conflict": _entry(
        409,
        _("The number is taken by an order with other content."),
        _("Use a new out_order_no, or send the content that the first order had."),
    ),
    "price_changed": _entry(
        409,
        _("A price is higher than expected."),
        _("Read the price again; order with the new one if you accept it."),
    ),
    "quote_expired": _entry(409, _("The quote is no longer good."), _("Ask for a new quote.")),
    "stock_insufficient": _entry(
        409,
        _("There is not enough stock."),
        _("Order what values.available names, or wait for stock.changed."),
        retryable=True,
    ),
    "deposit_insufficient": _entry(
        409,
        _("The deposit does not cover the order."),
        _("Recharge values.shortfall_fen or more, then send the same order again."),
        retryable=True,
    ),
    "hold_differs": _entry(
        409,
        _("The number is on hold with other content."),
        _("Place what was held, or release the hold that values.hold_id names first."),
    ),
    "hold_limit_reached": _entry(
        409,
        _("You have too many open holds."),
        _("Place or release some, or wait until they lapse; see open_holds of /meta/limits."),
        retryable=True,
    ),
    "order_placed_already": _entry(
        409,
        _("The number is placed already, so it cannot be held."),
        _("Read the order that values.order_no names."),
    ),
    "extension_limit_reached": _entry(
        409,
        _("The hold cannot be extended again."),
        _("Place or release it; once it has lapsed, hold anew."),
    ),
    "sku_not_sellable": _entry(
        409,
        _("A sku is not on sale for you."),
        _("Take it off sale in your shop; watch product.listed."),
    ),
    "region_not_served": _entry(
        409, _("A sku is not shipped to that region."), _("Offer it only where it is shipped to.")
    ),
    "application_not_supported": _entry(
        409,
        _("A sku may not be sold in that way."),
        _("Keep to the product's allowed_applications."),
    ),
    "nothing_to_receive": _entry(
        409,
        _("Nothing of the order is on its way."),
        _("Confirm receipt after order.shipped; read the order first."),
    ),
    "more_than_shipped": _entry(
        409,
        _("More is confirmed than is on its way."),
        _("Confirm values.left pieces of the line or fewer."),
    ),
    "nothing_to_cancel": _entry(
        409,
        _("Nothing of the order is left to cancel."),
        _("Read the order: what is shipped is no longer cancelled, but refunded by a case."),
    ),
    "more_than_unshipped": _entry(
        409,
        _("More is to be cancelled than is still unshipped."),
        _("Cancel values.left pieces of the line or fewer."),
    ),
    "out_cancellation_no_taken": _entry(
        409,
        _("Another request for cancellation of yours has this number."),
        _("Use a new out_cancellation_no, or send what the first request said."),
    ),
    "out_shortage_no_taken": _entry(
        409,
        _("Another shortage that you reported of this order has this number."),
        _("Use a new out_shortage_no, or send what the first report said."),
    ),
    "already_shipped": _entry(
        409,
        _("Something of the order is shipped, so its address stays."),
        _("Ask the carrier to redirect the parcel, or open a case."),
    ),
    "address_changes_freight": _entry(
        409,
        _("The freight to the new address would be another."),
        _("Cancel the order, and place it again with the new address."),
    ),
    "aftersale_not_open": _entry(
        403,
        _("After-sales at the platform are not open to you."),
        _("Settle it with your consumer, by a claim; ask the platform to open them."),
    ),
    "out_case_no_taken": _entry(
        409,
        _("Another case of yours has this number."),
        _("Use a new out_case_no, or send what the first application said."),
    ),
    "aftersale_window_closed": _entry(
        409,
        _("The pieces are received, and their after-sales are over."),
        _("Open a claim: it is yours to settle."),
    ),
    "more_than_applicable": _entry(
        409,
        _("Fewer pieces of the line are free for such a case."),
        _("Apply for values.left pieces or fewer; aftersale-options tells what is possible."),
    ),
    "aftersale_amount_too_high": _entry(
        409,
        _("The amount asked for is not possible."),
        _("Ask for values.cap_fen or less, or leave asked_fen out."),
    ),
    "resubmissions_used_up": _entry(
        409, _("It was applied for again as often as that is possible."), _("Escalate it.")
    ),
    "too_many_return_parcels": _entry(
        409,
        _("The case has as many parcels as it may have."),
        _("Ask the platform; it can note that the goods have arrived."),
    ),
    "no_offer": _entry(
        409, _("Nothing is offered for the case."), _("Dispute the inspection instead.")
    ),
    "reshipment_not_late": _entry(
        409,
        _("New goods may still be shipped in time."),
        _("Wait until values.due_at; from then on a refund can be had instead."),
        retryable=True,
    ),
    "parcel_unknown": _entry(
        404,
        _("No parcel of ours has this tracking number."),
        _("Push only what was handed over for us; send it again later if it was just shipped."),
        retryable=True,
    ),
    "too_many_pieces": _entry(
        409,
        _("More pieces than can still be shipped."),
        _("Read the order: to_ship of each line is what may be shipped."),
    ),
    "nothing_to_ship": _entry(
        409,
        _("Nothing of the order is left to ship."),
        _("Read the order: it is shipped, cancelled, or a cancellation waits for its answer."),
    ),
    "parcel_seen_by_carrier": _entry(
        409,
        _("The carrier has scanned the parcel."),
        _("It cannot be voided any more; correct its number where that is wrong."),
    ),
    "parcel_in_use": _entry(
        409,
        _("Pieces of the parcel have been received, refunded, or are in a case."),
        _("Ask the platform."),
    ),
    "stock_changed": _entry(
        409,
        _("The stock is of another version than expected."),
        _("Read it again, and set it by the version that it has now."),
    ),
    "supplier_suspended": _entry(
        403,
        _("The supplier's account is not active."),
        _("Ask the platform; orders can still be read and shipped."),
    ),
    "tracking_no_taken": _entry(
        409,
        _("Another parcel has this tracking number."),
        _("Compare it with the label of the parcel that you mean."),
    ),
    "claims_not_open": _entry(
        403,
        _("Claims are not open to you."),
        _("Ask the platform to open them; claims opened before go on."),
    ),
    "out_claim_no_taken": _entry(
        409,
        _("Another claim of yours has this number."),
        _("Use a new out_claim_no, or send what the first request said."),
    ),
    "more_than_received": _entry(
        409,
        _("Fewer received pieces of the line are in no open claim."),
        _("Claim values.left pieces or fewer; read your open claims of the order first."),
    ),
    "claim_type_conflict": _entry(
        409,
        _("It is no step of a claim of this type."),
        _("Keep to the allowed_actions of the claim."),
    ),
    "goodwill_beyond_paid": _entry(
        409,
        _("More is asked or offered than the pieces can still give back."),
        _("Ask for values.left_fen or less; an offer that is too high by now can be left."),
    ),
    "evidence_quota_exceeded": _entry(
        409,
        _("Too many uploaded pictures are named by nothing."),
        _("Name them in cases and claims, or wait; after 7 days they are deleted."),
        retryable=True,
    ),
    "state_conflict": _entry(
        409, _("The state does not allow it."), _("Read the object again, and act on its state.")
    ),
}

# --- money that is paid in and out ---------------------------------------------------------------------
_MONEY = {
    "payer_missing": _entry(
        422, _("It is not said who paid."), _("Write the payer's name on one line.")
    ),
    "payment_text_invalid": _entry(
        422, _("Reference or note are not as they must be."), _("Write each on one line.")
    ),
    "payment_unproven": _entry(
        422,
        _("Neither a reference nor a slip shows the payment."),
        _("Send payment_reference, or the upload_id of the slip's picture."),
    ),
    "paid_in_future": _entry(
        422, _("The day of the payment is still to come."), _("Apply once you have paid.")
    ),
    "slip_used_already": _entry(
        409,
        _("The slip stands for another recharge."),
        _("Read your recharges: the payment was applied for. Else send the slip of this payment."),
    ),
    "recharge_limit_reached": _entry(
        409,
        _("Too many applications for recharges are open."),
        _("Wait until some are decided, or take some back."),
        retryable=True,
    ),
    "payee_invalid": _entry(
        422,
        _("Payee, bank or account number are not as they must be."),
        _("Write payee and bank on one line each, and 6 to 34 letters and digits as account_no."),
    ),
    "withdrawal_note_invalid": _entry(
        422, _("The note is not as it must be."), _("Write it on one line.")
    ),
    "withdrawal_too_large": _entry(
        409,
        _("The deposit's own money that nothing holds is less."),
        _("Withdraw values.most_fen or less."),
    ),
    "withdrawal_limit_reached": _entry(
        409,
        _("Too many withdrawals are open."),
        _("Wait until some are paid, or cancel some."),
        retryable=True,
    ),
    "day_not_closed": _entry(
        409,
        _("The day is not over, or is closed in a few minutes."),
        _("Ask again after values.closes_at; statement.ready tells when it is there."),
        retryable=True,
    ),
    "days_invalid": _entry(
        422,
        _("The first and the last day do not make a period."),
        _("Name both, in this order, at most values.limit days; or neither."),
    ),
    "too_many_numbers": _entry(
        422,
        _("There are too many numbers on one side."),
        _("Name fewer days, or no days and the orders that you doubt."),
    ),
    "account_frozen": _entry(
        409,
        _("The deposit is frozen while the platform checks it."),
        _("Ask the platform; what comes in is still credited. Send it again when it says so."),
        retryable=True,
    ),
}

# --- callbacks ------------------------------------------------------------------------------------------
_CALLBACKS = {
    "callback_address_refused": _entry(
        422,
        _("We cannot call that address."),
        _("Give a public https address on port 443 or 8443, without user and fragment."),
    ),
    "event_type_unknown": _entry(
        422,
        _("One of the types is none."),
        _(
            "Write types such as order.shipped, or order.* for all of a family; see the documentation."
        ),
    ),
    "too_many_to_replay": _entry(
        422,
        _("More events match than are told again at once."),
        _("Name less of the time, or fewer types; dry_run says how many match."),
    ),
}

# --- copying goods ------------------------------------------------------------------------------------
_COPYING = {
    "selection_unclear": _entry(
        422,
        _("It is not clear which products are meant."),
        _("Name either item_nos, or a category, a brand or both."),
    ),
    "too_many_selected": _entry(
        422,
        _("More products match than can be selected in one call."),
        _("Name a smaller category, a category and a brand together, or up to 1,000 numbers."),
    ),
    "changes_not_kept": _entry(
        410,
        _("The position lies before the oldest change that is kept, or is none of ours."),
        _("Copy all products again, and go on from the `latest` that you read before it."),
    ),
    "export_not_ready": _entry(
        409,
        _("The catalogue file is not there to be fetched."),
        _("Ask for its state until it is ready; if it failed or was deleted, ask for a new one."),
    ),
}

# --- we ---------------------------------------------------------------------------------------------------
_OURS = {
    "internal_error": _entry(
        500,
        _("Something went wrong with us."),
        _("Send the same request again; tell us the request_id if it goes on."),
        retryable=True,
    ),
    "busy": _entry(
        503,
        _("We cannot serve this just now."),
        _("Send the same request again after the seconds of Retry-After."),
        retryable=True,
    ),
}

CODES: dict[str, Entry] = {
    **_REQUEST,
    **_CALLER,
    **_FIELDS,
    **_WORLD,
    **_MONEY,
    **_CALLBACKS,
    **_COPYING,
    **_OURS,
}
