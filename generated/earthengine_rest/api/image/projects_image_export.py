from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.export_image_request import ExportImageRequest
from ...models.operation import Operation
from ...types import UNSET, Response, Unset


def _get_kwargs(
    projects_id: str,
    *,
    body: ExportImageRequest,
    fields: str | Unset = UNSET,
    pretty_print: bool | Unset = UNSET,
    key: str | Unset = UNSET,
    quota_user: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    params: dict[str, Any] = {}

    params["fields"] = fields

    params["prettyPrint"] = pretty_print

    params["key"] = key

    params["quotaUser"] = quota_user

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/projects/{projects_id}/image:export".format(
            projects_id=quote(str(projects_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Operation | str | None:
    if response.status_code == 200:
        response_200 = Operation.from_dict(response.json())

        return response_200

    if 400 <= response.status_code <= 499:
        response_4xx = response.text
        return response_4xx

    if 500 <= response.status_code <= 599:
        response_5xx = response.text
        return response_5xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Operation | str]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    projects_id: str,
    *,
    client: AuthenticatedClient,
    body: ExportImageRequest,
    fields: str | Unset = UNSET,
    pretty_print: bool | Unset = UNSET,
    key: str | Unset = UNSET,
    quota_user: str | Unset = UNSET,
) -> Response[Operation | str]:
    """Start the export of one image.

     Queues a batch task that computes the image and writes it to the destination. The answer is the
    operation that stands for the task; it goes on whether or not anybody waits for it. Needs the IAM
    permission earthengine.exports.create on the project. Reference: Method projects.image.export.

    Args:
        projects_id (str):
        fields (str | Unset):
        pretty_print (bool | Unset):
        key (str | Unset):
        quota_user (str | Unset):
        body (ExportImageRequest): What to compute and where to put it. Exactly one of
            fileExportOptions and assetExportOptions is given. Reference: Method
            projects.image.export.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Operation | str]
    """

    kwargs = _get_kwargs(
        projects_id=projects_id,
        body=body,
        fields=fields,
        pretty_print=pretty_print,
        key=key,
        quota_user=quota_user,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    projects_id: str,
    *,
    client: AuthenticatedClient,
    body: ExportImageRequest,
    fields: str | Unset = UNSET,
    pretty_print: bool | Unset = UNSET,
    key: str | Unset = UNSET,
    quota_user: str | Unset = UNSET,
) -> Operation | str | None:
    """Start the export of one image.

     Queues a batch task that computes the image and writes it to the destination. The answer is the
    operation that stands for the task; it goes on whether or not anybody waits for it. Needs the IAM
    permission earthengine.exports.create on the project. Reference: Method projects.image.export.

    Args:
        projects_id (str):
        fields (str | Unset):
        pretty_print (bool | Unset):
        key (str | Unset):
        quota_user (str | Unset):
        body (ExportImageRequest): What to compute and where to put it. Exactly one of
            fileExportOptions and assetExportOptions is given. Reference: Method
            projects.image.export.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Operation | str
    """

    return sync_detailed(
        projects_id=projects_id,
        client=client,
        body=body,
        fields=fields,
        pretty_print=pretty_print,
        key=key,
        quota_user=quota_user,
    ).parsed


async def asyncio_detailed(
    projects_id: str,
    *,
    client: AuthenticatedClient,
    body: ExportImageRequest,
    fields: str | Unset = UNSET,
    pretty_print: bool | Unset = UNSET,
    key: str | Unset = UNSET,
    quota_user: str | Unset = UNSET,
) -> Response[Operation | str]:
    """Start the export of one image.

     Queues a batch task that computes the image and writes it to the destination. The answer is the
    operation that stands for the task; it goes on whether or not anybody waits for it. Needs the IAM
    permission earthengine.exports.create on the project. Reference: Method projects.image.export.

    Args:
        projects_id (str):
        fields (str | Unset):
        pretty_print (bool | Unset):
        key (str | Unset):
        quota_user (str | Unset):
        body (ExportImageRequest): What to compute and where to put it. Exactly one of
            fileExportOptions and assetExportOptions is given. Reference: Method
            projects.image.export.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Operation | str]
    """

    kwargs = _get_kwargs(
        projects_id=projects_id,
        body=body,
        fields=fields,
        pretty_print=pretty_print,
        key=key,
        quota_user=quota_user,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    projects_id: str,
    *,
    client: AuthenticatedClient,
    body: ExportImageRequest,
    fields: str | Unset = UNSET,
    pretty_print: bool | Unset = UNSET,
    key: str | Unset = UNSET,
    quota_user: str | Unset = UNSET,
) -> Operation | str | None:
    """Start the export of one image.

     Queues a batch task that computes the image and writes it to the destination. The answer is the
    operation that stands for the task; it goes on whether or not anybody waits for it. Needs the IAM
    permission earthengine.exports.create on the project. Reference: Method projects.image.export.

    Args:
        projects_id (str):
        fields (str | Unset):
        pretty_print (bool | Unset):
        key (str | Unset):
        quota_user (str | Unset):
        body (ExportImageRequest): What to compute and where to put it. Exactly one of
            fileExportOptions and assetExportOptions is given. Reference: Method
            projects.image.export.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Operation | str
    """

    return (
        await asyncio_detailed(
            projects_id=projects_id,
            client=client,
            body=body,
            fields=fields,
            pretty_print=pretty_print,
            key=key,
            quota_user=quota_user,
        )
    ).parsed
